package view

import (
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// writer writes JSON. What appends through a pointer is a fraction of the code that handing slices on is, and there is much of it.
type writer struct{ out []byte }

// text writes something as it is.
//
//go:noinline
func (w *writer) text(s string) { w.out = append(w.out, s...) }

// item writes an item of a list, or the bracket that one begins with, behind others or none, or behind a comma.
//
//go:noinline
func (w *writer) item(s string) {
	if before := w.out[len(w.out)-1]; before != '{' && before != '[' && before != ',' {
		w.text(",")
	}
	w.text(s)
}

// name writes the name of a member, and the bracket that its value begins with, or nothing.
//
//go:noinline
func (w *writer) name(name, bracket string) {
	w.item("")
	w.quote(name)
	w.text(":")
	w.text(bracket)
}

// under is name for what stands under its key, with the bracket that it begins with, or all of it.
//
//go:noinline
func (w *writer) under(key raw, value string) {
	if !key.isText() {
		w.name(key.name(), value)
		return
	}
	w.item(string(key))
	w.text(":")
	w.text(value)
}

// member writes a member by its name, which a comma begins and a colon ends, unless the datafile lacks it.
//
//go:noinline
func (w *writer) member(name string, value raw) {
	if value == "" {
		return
	}
	if w.out[len(w.out)-1] == '{' {
		name = name[1:]
	}
	w.out = append(append(w.out, name...), value...)
}

// span is a part of what was written.
type span struct{ from, to int }

// again writes it once more.
//
//go:noinline
func (w *writer) again(s span) { w.out = append(w.out, w.out[s.from:s.to]...) }

// list writes a member that is a list.
func (w *writer) list(name string, items []raw) {
	w.name(name, "[")
	for _, item := range items {
		w.item(string(item))
	}
	w.text("]")
}

//go:noinline
func (w *writer) quote(s string) { w.out = jsontext.AppendQuote(w.out, s) }

// quoted writes what a value is called, in quotes, within a string.
func (w *writer) quoted(value raw) {
	w.text(`\"`)
	if value.isText() {
		w.text(string(value[1 : len(value)-1]))
	} else {
		w.within(value.name())
	}
	w.text(`\"`)
}

// stringified writes, within a string, what JSON.stringify makes of a value.
func (w *writer) stringified(value raw) {
	p := jsontext.New(string(value))
	for {
		switch p.Kind() {
		case jsontext.String, jsontext.Number:
			w.token(p.Raw())
		case jsontext.Null, jsontext.Bool:
			w.text(p.Raw())
		default: // what stands between values, and begins and ends them
			if p.Left() == 0 {
				return
			}
			w.text(p.Rest()[:1])
			p.Advance(1)
		}
	}
}

// token is stringified for a string or a number. Most are written already as JSON.stringify writes them.
func (w *writer) token(s string) {
	switch {
	case s[0] == '"' && text.IndexEither(s, '\\', 0xED) < 0: // no escape, nor a lone surrogate
		w.text(`\`)
		w.text(s[:len(s)-1])
		w.text(`\"`)
	case len(s) <= 15 && text.IsDigits(s):
		w.text(s)
	default:
		w.within(string(ecma.AppendStringified(nil, s)))
	}
}

// within writes a text within a string.
//
//go:noinline
func (w *writer) within(s string) {
	quoted := jsontext.AppendQuote(nil, s)
	w.text(string(quoted[1 : len(quoted)-1]))
}
