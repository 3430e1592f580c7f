// The outside verifier: checks an export bundle with public code alone, golang.org/x/mod's sumdb/note for the
// signatures and sumdb/tlog for the tree. It shares nothing with the service but the formats; the test
// tests/verifier/campaign_test.cpp asks whether both verifiers always agree.
//
//	verifier --key KEY [--since CHECKPOINT_FILE] --export FOLDER
//	verifier --key KEY [--since CHECKPOINT_FILE] --batch    folders on standard input, a verdict line for each
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// checkpoint is what a signed note says of a log: three lines.
type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

// badPosition is a fault at one event.
type badPosition struct {
	position int64
	why      error
}

func (b badPosition) Error() string { return fmt.Sprintf("position %d: %v", b.position, b.why) }

// openNote gives the text of a note that the key signed. The note package also takes base64 with stray bits
// behind its end, which decodes to the same signature; here a note has one form only.
func openNote(signed []byte, key note.Verifier) (string, error) {
	opened, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return "", err
	}
	for _, signature := range append(opened.Sigs, opened.UnverifiedSigs...) {
		if _, err := base64.StdEncoding.Strict().DecodeString(signature.Base64); err != nil {
			return "", err
		}
	}
	return opened.Text, nil
}

func openCheckpoint(signed []byte, key note.Verifier) (checkpoint, error) {
	text, err := openNote(signed, key)
	if err != nil {
		return checkpoint{}, err
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return checkpoint{}, errors.New("a checkpoint has three lines")
	}
	if lines[0] != key.Name() {
		return checkpoint{}, errors.New("the checkpoint is another log's")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, errors.New("the size is not a number in its one form")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return checkpoint{}, errors.New("the root is not a hash")
	}
	made := checkpoint{origin: lines[0], size: size}
	copy(made.root[:], root)
	return made, nil
}

// reader takes the fields of an envelope one after the other; after the first fault it gives zeros.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) refuse(why string) {
	if r.err == nil {
		r.err = errors.New(why)
	}
}

func (r *reader) take(count int) []byte {
	if len(r.rest) < count {
		r.refuse("the envelope is cut short")
	}
	if r.err != nil {
		return make([]byte, count)
	}
	taken := r.rest[:count]
	r.rest = r.rest[count:]
	return taken
}
func (r *reader) u8() byte     { return r.take(1)[0] }
func (r *reader) u16() uint16  { return binary.BigEndian.Uint16(r.take(2)) }
func (r *reader) u32() uint32  { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) u64() uint64  { return binary.BigEndian.Uint64(r.take(8)) }
func (r *reader) text() string { return string(r.take(int(r.u8()))) }

// envelope is what the checks need of one.
type envelope struct {
	stream     string
	recordedAt int64
	bodyBytes  uint32
	bodyHash   []byte
}

func decodeEnvelope(encoded []byte) (envelope, error) {
	const ids = 4 * 16 // actor, session, request, causation
	in := reader{rest: encoded}
	var made envelope
	if in.u8() != 1 {
		in.refuse("the envelope has an unknown format")
	}
	made.stream = in.text()
	kind := in.text()
	if made.stream == "" || kind == "" {
		in.refuse("the envelope names no stream or no type")
	}
	in.u16()    // schema version
	in.take(16) // command
	made.recordedAt = int64(in.u64())
	if in.u8() > 3 {
		in.refuse("the envelope names an unknown kind of actor")
	}
	in.take(ids)
	in.text() // origin address
	for claims := in.u16(); claims > 0 && in.err == nil; claims-- {
		if in.u8() > 1 {
			in.refuse("a claim is neither taken nor released")
		}
		in.text()
		in.take(tlog.HashSize)
	}
	made.bodyBytes = in.u32()
	made.bodyHash = in.take(sha256.Size)
	in.take(16) // salt
	if len(in.rest) > 0 {
		in.refuse("the envelope has bytes behind its end")
	}
	return made, in.err
}

// storedHashes keeps the tree's hashes in sumdb/tlog's order.
type storedHashes []tlog.Hash

func (s storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(s)) {
			return nil, errors.New("the tree has no such hash")
		}
		hashes[i] = s[index]
	}
	return hashes, nil
}

func (s storedHashes) root(size int64) (tlog.Hash, error) {
	if size == 0 {
		return sha256.Sum256(nil), nil
	}
	return tlog.TreeHash(size, s)
}

// bundlePath names a file in the layout of tlog-tiles; tlog's own paths begin with the height.
func bundlePath(kind string, tile tlog.Tile) string {
	tile.L = 0
	return kind + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/0", tileHeight))
}

func tilePath(tile tlog.Tile) string {
	return "tile" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d", tileHeight))
}

// split cuts a length and as many bytes off the front.
func split(bundle []byte, lengthBytes int) (item, rest []byte, err error) {
	if len(bundle) < lengthBytes {
		return nil, nil, errors.New("its bundle is cut short")
	}
	length := 0
	for _, b := range bundle[:lengthBytes] {
		length = length<<8 | int(b)
	}
	if len(bundle)-lengthBytes < length {
		return nil, nil, errors.New("its bundle is cut short")
	}
	return bundle[lengthBytes : lengthBytes+length], bundle[lengthBytes+length:], nil
}

// verification checks one export from its first event to its last.
type verification struct {
	folder   string
	key      note.Verifier
	signed   checkpoint
	since    *checkpoint
	hashes   storedHashes
	versions map[string]uint64
	lastTime int64
	expected map[string]bool
}

func (v *verification) read(path string) ([]byte, error) {
	v.expected[path] = true
	return os.ReadFile(filepath.Join(v.folder, path))
}

func (v *verification) event(position int64, entry, body, leaf []byte) error {
	hash := tlog.RecordHash(entry)
	if !bytes.Equal(hash[:], leaf) {
		return errors.New("the entry is not the one whose hash is in the tile")
	}
	if len(entry) < 8 {
		return errors.New("the entry has no version")
	}
	made, err := decodeEnvelope(entry[8:])
	if err != nil {
		return err
	}
	v.versions[made.stream]++
	if binary.BigEndian.Uint64(entry) != v.versions[made.stream] {
		return errors.New("its version within its stream does not follow")
	}
	if made.recordedAt < v.lastTime {
		return errors.New("it was recorded before the event ahead of it")
	}
	v.lastTime = made.recordedAt
	bodyHash := sha256.Sum256(body)
	if uint64(made.bodyBytes) != uint64(len(body)) || !bytes.Equal(made.bodyHash, bodyHash[:]) {
		return errors.New("the body is not the one its envelope binds")
	}
	more, err := tlog.StoredHashesForRecordHash(position, hash, v.hashes)
	v.hashes = append(v.hashes, more...)
	return err
}

func (v *verification) bundle(tile tlog.Tile) error {
	position := tile.N * tileWidth
	entries, entriesErr := v.read(bundlePath("tile/entries", tile))
	bodies, bodiesErr := v.read(bundlePath("bodies", tile))
	leaves, leavesErr := v.read(tilePath(tile))
	for _, err := range []error{entriesErr, bodiesErr, leavesErr} {
		if err != nil {
			return badPosition{position, err}
		}
	}
	if len(leaves) != tile.W*tlog.HashSize {
		return badPosition{position, errors.New("its hash tile has the wrong length")}
	}
	for i := 0; i < tile.W; i, position = i+1, position+1 {
		var entry, body []byte
		var err error
		if entry, entries, err = split(entries, 2); err != nil {
			return badPosition{position, err}
		}
		if body, bodies, err = split(bodies, 4); err != nil {
			return badPosition{position, err}
		}
		if i == tile.W-1 && len(entries)+len(bodies) > 0 {
			return badPosition{position, errors.New("its bundle holds more than it should")}
		}
		leaf := leaves[i*tlog.HashSize : (i+1)*tlog.HashSize]
		if err := v.event(position, entry, body, leaf); err != nil {
			return badPosition{position, err}
		}
	}
	return nil
}

func (v *verification) events() error {
	for position := int64(0); position < v.signed.size; position += tileWidth {
		width := v.signed.size - position
		if width > tileWidth {
			width = tileWidth
		}
		if err := v.bundle(tlog.Tile{H: tileHeight, N: position / tileWidth, W: int(width)}); err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) tree() error {
	for _, tile := range tlog.NewTiles(tileHeight, 0, v.signed.size) {
		// NewTiles names a tile at the edge once for each width that it ever had.
		last := int(v.signed.size >> (tileHeight * tile.L) % tileWidth)
		if tile.W != tileWidth && tile.W != last {
			continue
		}
		want, err := tlog.ReadTileData(tile, v.hashes)
		if err != nil {
			return err
		}
		if got, err := v.read(tilePath(tile)); err != nil || !bytes.Equal(got, want) {
			return fmt.Errorf("%s does not follow from the events", tilePath(tile))
		}
	}
	root, err := v.hashes.root(v.signed.size)
	if err != nil {
		return err
	}
	if root != v.signed.root {
		return errors.New("the events' root is not the signed one")
	}
	if v.since == nil {
		return nil
	}
	if v.since.size > v.signed.size {
		return errors.New("the log is shorter than the older checkpoint says: rolled back")
	}
	before, err := v.hashes.root(v.since.size)
	if err == nil && before != v.since.root {
		err = errors.New("the log does not extend the older checkpoint: split view or rolled back")
	}
	return err
}

func (v *verification) manifest() error {
	commands, err := v.read("commands")
	if err != nil {
		return err
	}
	signed, err := v.read("manifest")
	if err != nil {
		return err
	}
	text, err := openNote(signed, v.key)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(commands)
	want := fmt.Sprintf("%s/export\n%d\n%s\n%s\n", v.signed.origin, v.signed.size, v.signed.root,
		base64.StdEncoding.EncodeToString(sum[:]))
	if text != want {
		return errors.New("the manifest is not that of this checkpoint and these commands")
	}
	return nil
}

func (v *verification) nothingElse() error {
	return filepath.WalkDir(v.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(v.folder, path)
		if err == nil && !v.expected[filepath.ToSlash(relative)] {
			err = fmt.Errorf("unexpected file %s", relative)
		}
		return err
	})
}

// verify checks everything that the folder holds, and that it holds nothing else.
func verify(folder string, key note.Verifier, since *checkpoint) (checkpoint, error) {
	v := verification{folder: folder, key: key, since: since, versions: map[string]uint64{},
		expected: map[string]bool{}}
	signed, err := v.read("checkpoint")
	if err != nil {
		return v.signed, err
	}
	if v.signed, err = openCheckpoint(signed, key); err != nil {
		return v.signed, err
	}
	for _, check := range []func() error{v.events, v.tree, v.manifest, v.nothingElse} {
		if err := check(); err != nil {
			return v.signed, err
		}
	}
	return v.signed, nil
}

// verdict is one line: what was verified, or the first thing that is wrong.
func verdict(folder string, key note.Verifier, since *checkpoint) (string, bool) {
	signed, err := verify(folder, key, since)
	if err != nil {
		return "bad: " + strings.ReplaceAll(err.Error(), "\n", " "), false
	}
	return fmt.Sprintf("verified %d events, root %s", signed.size, signed.root), true
}

func usage(why string) {
	fmt.Fprintln(os.Stderr, "verifier: "+why)
	os.Exit(2)
}

func main() {
	keyText := flag.String("key", "", "the log's verifier key: name+id+key")
	sinceFile := flag.String("since", "", "file of an older checkpoint that the log must extend")
	folder := flag.String("export", "", "folder of the export bundle")
	batch := flag.Bool("batch", false, "read folders from standard input")
	flag.Parse()
	key, err := note.NewVerifier(*keyText)
	if err != nil {
		usage("--key: " + err.Error())
	}
	var since *checkpoint
	if *sinceFile != "" {
		signed, err := os.ReadFile(*sinceFile)
		if err != nil {
			usage("--since: " + err.Error())
		}
		older, err := openCheckpoint(signed, key)
		if err != nil {
			fmt.Println("bad: the older checkpoint: " + err.Error())
			os.Exit(3)
		}
		since = &older
	}
	if !*batch {
		line, good := verdict(*folder, key, since)
		fmt.Println(line)
		if !good {
			os.Exit(3)
		}
		return
	}
	for folders := bufio.NewScanner(os.Stdin); folders.Scan(); {
		line, _ := verdict(folders.Text(), key, since)
		fmt.Println(line)
	}
}
