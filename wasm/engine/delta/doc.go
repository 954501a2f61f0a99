// Package delta writes what changed between two revisions of a datafile, and makes the newer one of the older and that.
//
// A delta begins with the xxHash64 of the text it makes (8 bytes, little end first). A row of instructions follows, each a number
// n as varint (7 bits a byte, little end first): an even n inserts the n/2 bytes that follow it; an odd n copies n/2 bytes of the
// old text, from where the last copy ended plus a signed distance that follows (as varint, its sign in the lowest bit). Nothing
// of it is trusted: Apply bounds what it reads and makes, and compares the hash.
//
// The relay makes deltas, the page's engine applies them: Make is never linked into the module.
package delta
