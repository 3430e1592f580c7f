"""Certificates for the tests of TLS, made by the openssl program in a temporary folder."""

import pathlib
import shutil
import ssl
import subprocess
import tempfile

EXTENSIONS = """
[server]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
[client]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""


class Authority:
    """A certification authority of our own; its files lie in `folder`."""

    def __init__(self, name="authority"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ttp-system-"))
        (self.folder / "extensions").write_text(EXTENSIONS, encoding="utf-8")
        (self.folder / "index").write_text("", encoding="utf-8")
        (self.folder / "number").write_text("1000\n", encoding="utf-8")
        (self.folder / "ca.cnf").write_text(
            f"[ca]\ndefault_ca=own\n[own]\ndatabase={self.folder}/index\ncrlnumber={self.folder}/number\n"
            "default_md=sha256\ndefault_crl_days=30\n", encoding="utf-8")
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
                     "-out", "ca.pem", "-subj", f"/CN={name}", "-days", "30", "-config", "extensions",
                     "-extensions", "authority")
        self.certificate = self.folder / "ca.pem"

    def openssl(self, *arguments, **more):
        return subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60,
                              **more).stdout

    def text(self, certificate):
        """The text form of a certificate in binary form."""
        return self.openssl("x509", "-inform", "der", "-noout", "-serial", "-subject", "-ext", "subjectAltName",
                            input=certificate).decode()

    def issue(self, name, kind="server", days=30):
        """A new certificate with its key; the two files."""
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                     "-out", f"{name}.csr", "-subj", f"/CN={name}", "-config", "extensions")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                     str(days), "-extfile", "extensions", "-extensions", kind, "-out", f"{name}.pem")
        (self.folder / f"{name}.key").chmod(0o600)
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def serial(self, certificate):
        return self.openssl("x509", "-in", str(certificate), "-noout", "-serial").decode().split("=")[1].strip().lower()

    def revoke(self, *certificates):
        """A revocation list with these certificates."""
        for each in certificates:
            self.openssl("ca", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-revoke", str(each))
        self.openssl("ca", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-gencrl", "-out", "revoked.crl")
        return self.folder / "revoked.crl"

    def client_context(self, identity=None):
        """For a client that trusts this authority."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        if identity:
            context.load_cert_chain(*map(str, identity))
        return context

    def discard(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def replace(target, source):
    """Puts a copy of `source` in the place of `target` in one step, as an operator's hook does."""
    aside = target.with_suffix(".new")
    shutil.copy(source, aside)
    aside.rename(target)
