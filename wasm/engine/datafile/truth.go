package datafile

import (
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/internal/jsontext"
)

// Truth tells whether a user meets conditions that are given as JSON, such as a part of an audience's: it is for those who show how an
// audience comes to its answer. With isList they are a list or tree of audience ids, such as a part of what an experiment names. The
// error says where the JSON breaks.
func (p *Project) Truth(conditions string, isList bool, u *audience.User) (audience.Truth, error) {
	parser := jsontext.New(conditions)
	var program audience.Program
	if isList {
		program = audience.CompileList(parser, p.audience)
	} else {
		compiler := audience.NewCompiler() // as p is not to learn of keys
		for _, key := range p.AttributeKeys {
			compiler.Slot(key)
		}
		program = compiler.Conditions(parser)
	}
	if err := parser.End(); err != nil {
		return audience.Unknown, err
	}
	return program.Eval(u), nil
}
