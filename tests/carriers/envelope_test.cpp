// Addresses in the envelope: nothing that a relay or libcurl would read as a command.
#include "carriers/envelope.hpp"

#include <gtest/gtest.h>

namespace ttp::carriers::tests {
namespace {

TEST(EnvelopeAddress, is_an_address_as_servers_know_it) {
  EXPECT_EQ(EnvelopeAddress::of("Marie.Roy+x@Example.ORG")->text(), "Marie.Roy+x@example.org");
  EXPECT_EQ(EnvelopeAddress::of("marie@exämple.example")->text(), "marie@xn--exmple-cua.example");
}

TEST(EnvelopeAddress, brings_no_command_along) {
  for (const auto* address :
       {"a@b.example>\r\nRCPT TO:<victim@b.example", "a@b.example\r\nDATA", "a@b.example\n", "\ra@b.example",
        " a@b.example", "a@b.example ", "a b@c.example", "<a@b.example>", "a@b.example> NOTIFY=NEVER", "",
        "a", "@b.example", "a@", "a@b.example@c.example", "\"a b\"@c.example", "a@[127.0.0.1]",
        "a\t@b.example", "a..b@c.example", "a@b.example,c@d.example"})
    EXPECT_FALSE(EnvelopeAddress::of(address)) << address;
}

TEST(EnvelopeAddress, has_no_name_beyond_ascii) {
  EXPECT_FALSE(EnvelopeAddress::of("é@example.org"));
  EXPECT_FALSE(EnvelopeAddress::of("a\xff@example.org"));
}

}  // namespace
}  // namespace ttp::carriers::tests
