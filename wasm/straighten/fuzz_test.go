package main

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"

	"sortition/wasm/internal/wasmfile"
)

// FuzzStraighten looks for a function whose module is valid and becomes invalid.
func FuzzStraighten(f *testing.F) {
	ctx := context.Background()
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	f.Cleanup(func() { _ = runtime.Close(ctx) }) // nothing is lost with it
	for _, text := range []string{
		"loop; block; block; block; get 0; br_table 0 1 2 2; end; get 1; if; i32 2; set 0; br 3; end; end; nop; end; i32 0; return; end; unreachable; end",
		"block; loop; block; block; block; block; get 0; br_table 0 1 2 3 3; end; i32 2; set 0; br 3; end; call 3; br_if 3; end; get 1; if; i32 1; set 0; br 2; end; " +
			"end; i32 0; return; end; unreachable; end; i32 1; end",
		"loop; block; block; block; block; get 0; br_table 0 1 2 3 3; end; nop; end; nop; end; get 1; if; i32 2; set 0; br 2; end; " +
			"get 1; if; i32 1; set 0; br 2; end; end; i32 0; return; end; unreachable; end",
	} {
		code := assemble(f, text)[1:]
		if err := compile(ctx, runtime, moduleOf(code)); err != nil {
			f.Fatalf("%s: %v", text, err)
		}
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		straightened, err := straighten(moduleOf(code))
		if err != nil {
			t.Fatal(err)
		}
		if compile(ctx, runtime, moduleOf(code)) != nil {
			return
		}
		if err := compile(ctx, runtime, straightened); err != nil {
			t.Errorf("%v: %x", err, straightened)
		}
	})
}

// compile says whether a module is valid.
func compile(ctx context.Context, runtime wazero.Runtime, module []byte) error {
	compiled, err := runtime.CompileModule(ctx, module)
	if err != nil {
		return err
	}
	return compiled.Close(ctx)
}

// moduleOf returns a module with a memory, a global and a function of that code, which has one parameter and one local besides.
func moduleOf(code []byte) []byte {
	body := wasmfile.AppendSized([]byte{1}, append([]byte{1, 1, 0x7f}, code...))
	return wasmfile.Join([]wasmfile.Section{
		{ID: 1, Content: []byte{1, 0x60, 1, 0x7f, 1, 0x7f}}, // func(i32) i32
		{ID: 3, Content: []byte{1, 0}},
		{ID: 5, Content: []byte{1, 0, 1}},
		{ID: 6, Content: []byte{1, 0x7f, 1, opI32Const, 0, opEnd}},
		{ID: codeSection, Content: body},
		{ID: customSection, Content: namesOf("runtime.throw")},
	})
}

func TestModulesThatEndTooEarly(t *testing.T) {
	whole := moduleOf([]byte{opI32Const, 0, opEnd})
	if _, err := straighten(whole); err != nil {
		t.Fatal(err)
	}
	var taken int
	for size := range whole {
		if _, err := straighten(whole[:size]); err == nil {
			taken++
		}
	}
	if taken != 6 {
		t.Errorf("%d beginnings of a module with 6 sections were taken for a module, not the 6 that end with one", taken)
	}
}
