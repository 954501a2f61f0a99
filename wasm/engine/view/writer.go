package view

import (
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// writer writes JSON. What appends through a pointer is a fraction of the code that handing slices on is, and there is much of it.
type writer struct{ out []byte }

// text writes something as it is.
func (w *writer) text(s string) { w.out = text.Append(w.out, s) }

// item writes an item of a list, or the bracket that one begins with, behind others or none.
//
//go:noinline
func (w *writer) item(s string) {
	if before := w.out[len(w.out)-1]; before != '{' && before != '[' {
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

// members writes members of an entity; those that the datafile lacks are lacking.
func (w *writer) members(e *entity, those []member) {
	for _, m := range those {
		if e.raw[m] != "" {
			w.name(names[m], string(e.raw[m]))
		}
	}
}
