// Package script makes JavaScript smaller, for the site and for the SDK's files.
package script

import (
	"bytes"
	"errors"
	"regexp"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/js"
)

// CompileAtOnce, as the first line of a script, has V8 compile all its functions on another thread while the script arrives, rather than each
// on the page's own when it is first called. Other engines pass over it. https://v8.dev/blog/explicit-compile-hints
const CompileAtOnce = "//# allFunctionsCalledOnLoad\n"

// zeroIndex is `0[0]`, but where it is the end of something longer.
var zeroIndex = regexp.MustCompile(`(^|[^\w$.)\]])0\[0\]`)

// Minify minifies a script, but writes `void 0` for undefined. The minifier writes `0[0]`, which a browser looks up as a property of a
// number each time it gets there: calls of the SDK took up to twice as long. CompileAtOnce stays. The error says what cannot be read, and where.
func Minify(script []byte) ([]byte, error) {
	if zeroIndex.Match(script) {
		return nil, errors.New("0[0] would be taken for undefined")
	}
	var smaller bytes.Buffer
	if bytes.HasPrefix(script, []byte(CompileAtOnce)) {
		smaller.WriteString(CompileAtOnce)
	}
	if err := js.Minify(minify.New(), &smaller, bytes.NewBuffer(bytes.Clone(script)), nil); err != nil { // it writes into what it reads
		return nil, err
	}
	return zeroIndex.ReplaceAll(smaller.Bytes(), []byte("${1}void 0")), nil
}
