package jsontext

import (
	"sortition/wasm/engine/internal/lean"
	"strconv"
	"unicode/utf8"
)

// maxPath is how much of a path an error shows, in bytes: its beginning says which part of the text it is.
const maxPath = 120

// Error says what is wrong with a text, and where: by place in the text and by path from its root.
type Error struct {
	_            lean.Uncompared
	Offset       int    // bytes before the place
	Line, Column int    // counted from 1, the column in bytes
	Path         string // cut short when it is long
	Message      string
}

func newError(text string, offset int, message string) *Error {
	line, lineStart := 1, 0
	for i := range offset {
		if text[i] == '\n' {
			line, lineStart = line+1, i+1
		}
	}
	return &Error{Offset: offset, Line: line, Column: offset - lineStart + 1, Message: message}
}

// Error gives one line such as `line 3, column 14 (experiments[2].id): expected ','`.
func (e *Error) Error() string {
	where := "line " + strconv.Itoa(e.Line) + ", column " + strconv.Itoa(e.Column)
	if e.Path != "" {
		where += " (" + e.Path + ")"
	}
	return where + ": " + e.Message
}

func abridged(path string) string {
	if len(path) <= maxPath {
		return path
	}
	end := maxPath
	for end > maxPath-utf8.UTFMax && !utf8.RuneStart(path[end]) { // no further than in UTF-8, which it may not be
		end--
	}
	return path[:end] + "..."
}

// within puts the name of an enclosing member ("key") or element ("[3]") in front of the path, of which it keeps as much as abridged looks at.
func (e *Error) within(name string) {
	if e.Path != "" && e.Path[0] != '[' {
		name += "."
	}
	path := name + e.Path
	e.Path = path[:min(len(path), maxPath+1)]
}
