// Package published is what the build of the site, the handler that serves it and its export agree on: what lies where in
// the folder of a published site, and in which content codings.
//
// Such a folder holds the files of public/ under their own names, of what shrinks the encoded forms alone, and Fingerprint, a
// file that names the path prefix under which the pages refer to everything else. The prefix is made of a hash of what is under
// it, so an answer there may be kept for ever. No folder of that name exists before a site is exported: the relay takes the
// prefix off again. What modules of the pages import is in the few files that they were made into; what other sites import is
// /sdk/, where index.js has all its modules in it.
package published

import (
	"path"
	"strings"
)

// Fingerprint is the file that holds the prefix, such as assets-0123456789abcdef.
const Fingerprint = ".fingerprint"

// PrefixOf is the prefix for the hash of all assets.
func PrefixOf(hash string) string { return "assets-" + hash }

// Config is the settings of the pages on a static host. It is edited there, so it is neither minified nor encoded.
const Config = "config.json"

// DemoDatafile is edited too, once the relay has copied it to where it watches it.
const DemoDatafile = "demo/datafile.json"

// Worker is the pages' service worker. It lies beside them, since it may answer for nothing above itself, and names the prefix.
const Worker = "service-worker.js"

// IsAsset tells whether the pages find a file under the prefix: everything but themselves, their worker and their settings.
func IsAsset(name string) bool { return !IsPage(name) && name != Worker && name != Config }

// IsPage tells whether a file is one of the pages, which visitors find by its own name.
func IsPage(name string) bool { return path.Ext(name) == ".html" }

// IsShared tells whether other sites may use a file.
func IsShared(name string) bool { return strings.HasPrefix(name, "sdk/") }
