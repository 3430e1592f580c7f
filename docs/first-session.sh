#!/usr/bin/env bash
# From nothing to a session, against a server that ./run has started: registers a person and signs them in, with curl
# and sed alone. The last line of the output is the session's token.
#   docs/first-session.sh [URL]
set -euo pipefail
url=${1:-http://127.0.0.1:8080}
json='Content-Type: application/json'
user_name=martin$((10000 + RANDOM % 90000)) password='quatre chevaux sur la colline'
email=$user_name@example.com

key() { cat /proc/sys/kernel/random/uuid; }
# member NAME: the first member of this name in the JSON on standard input.
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }
# ask METHOD PATH [BODY]: one request, with $token where there is one.
token=
ask() {
  curl --silent --show-error --fail-with-body -X "$1" "$url$2" -H "$json" -H "Idempotency-Key: $(key)" \
    ${token:+-H "Authorization: Bearer $token"} ${3:+-d "$3"}
}
# mailed PATTERN: what the pattern captures in the newest mail that has it; mails come shortly after the answer.
mailed() {
  local found
  for _ in {1..100}; do
    found=$(curl --silent "$url/v1/sandbox/mails?to=$email" | sed 's/\\n/\n/g' | sed -n -E "s/$1/\\1\\2/p" | head -n 1)
    [[ -z $found ]] || break
    sleep 0.1
  done
  echo "$found"
}

echo "Registering $email"
begun=$(ask POST /v1/registrations "{\"email\": \"$email\", \"language\": \"en\"}")
code=$(mailed '^([0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5})()$')
ask POST /v1/credentials "{\"registration_token\": \"$(member registration_token <<<"$begun")\", \"code\": \"$code\",
  \"user_name\": \"$user_name\", \"password\": \"$password\", \"family_name\": \"Tremblay\",
  \"given_names\": \"Martin\", \"telephone\": \"+16135550142\"}" >/dev/null

echo "Signing in as $user_name"
sign_in=$(ask POST /v1/sign-ins "{\"user_name\": \"$user_name\", \"password\": \"$password\"}")
token=$(member token <<<"$sign_in")
ask POST /v1/sign-in/mail-factor "{\"terms_version\": $(member mail_factor_terms <<<"$sign_in")}" >/dev/null
ask POST /v1/sign-in/code "{\"code\": \"$(mailed '^([0-9]{3}) ([0-9]{3})$')\"}" >/dev/null
session=$(ask POST /v1/sessions "{\"terms_version\": $(member portal_terms <<<"$sign_in")}")
token=$(member token <<<"$session")

ask GET /v1/user >/dev/null
echo "Signed in. curl -H 'Authorization: Bearer $token' $url/v1/user"
echo "$token"
