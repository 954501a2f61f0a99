package main

import "slices"

// rewrite returns code that does the same. It shares instructions with what it was given, and may change that.
type rewrite func(code []instruction) []instruction

// apply returns the body of a function with its code rewritten by one after the other. A body that can't be read stays as it is.
func apply(body []byte, rewrites ...rewrite) []byte {
	rest, ok := afterLocals(body)
	if !ok {
		return body
	}
	code, ok := instructions(rest)
	if !ok {
		return body
	}
	for _, rewrite := range rewrites {
		code = rewrite(code)
	}
	out := slices.Clone(body[:len(body)-len(rest)])
	for _, i := range code {
		out = append(out, i.text...)
	}
	return out
}

// instructions decodes code, if all of it can be.
func instructions(code []byte) (all []instruction, ok bool) {
	for len(code) > 0 {
		i, ok := decode(code)
		if !ok {
			return nil, false
		}
		all, code = append(all, i), code[len(i.text):]
	}
	return all, true
}
