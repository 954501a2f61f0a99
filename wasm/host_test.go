package main_test

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"sortition/wasm/engine/audience"
	"sortition/wasm/internal/wasmtest"
)

// host drives the built module under wazero as public/sdk/engine does in a page.
type host struct {
	tb     testing.TB
	module api.Module
}

// mustBuild builds the module as `make build` does.
func mustBuild(tb testing.TB) []byte {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "engine.wasm")
	if output, err := exec.Command("../.ci/engine.sh", "./wasm", file).CombinedOutput(); err != nil {
		tb.Fatalf("building the engine: %v\n%s", err, output)
	}
	wasm, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return wasm
}

// mustStart compiles and instantiates a module.
func mustStart(tb testing.TB, wasm []byte) *host {
	tb.Helper()
	ctx := context.Background()
	module, err := wasmtest.MustMakeRuntime(tb).InstantiateWithConfig(ctx, wasm, wazero.NewModuleConfig())
	if err != nil {
		tb.Fatal(err)
	}
	return &host{tb: tb, module: module}
}

func (h *host) call(name string, arguments ...uint64) int32 {
	h.tb.Helper()
	results, err := h.module.ExportedFunction(name).Call(context.Background(), arguments...)
	if err != nil {
		h.tb.Fatalf("%s: %v", name, err)
	}
	return int32(results[0])
}

// record is an attribute, or something else there is to say of a user.
type record struct {
	slot  int
	value audience.Value
	flag  int      // of a forced decision, in the place of a kind
	pair  [2]int32 // an experiment and a variation, for slots that assign one
}

// write puts a frame into memory: the header, and the records of a user.
func (h *host) write(user string, records ...record) {
	h.tb.Helper()
	const header = 16
	text := make([]byte, 0, len(user))
	textOffset := header + 16*len(records)
	put := func(s string) uint32 {
		at := textOffset + len(text)
		text = append(text, s...)
		return uint32(at)
	}
	b := make([]byte, textOffset)
	le := binary.LittleEndian
	le.PutUint32(b[0:], uint32(len(user)))
	le.PutUint32(b[4:], put(user))
	le.PutUint32(b[8:], uint32(len(records)))
	for i, r := range records {
		at := b[header+16*i:]
		le.PutUint32(at, uint32(int32(r.slot)))
		le.PutUint32(at[4:], uint32(r.value.Kind)+uint32(r.flag))
		le.PutUint32(at[8:], uint32(r.pair[0]))
		le.PutUint32(at[12:], uint32(r.pair[1]))
		switch r.value.Kind {
		case audience.Number:
			le.PutUint64(at[8:], math.Float64bits(r.value.Number))
		case audience.Boolean:
			if r.value.Bool {
				at[8] = 1
			}
		case audience.Text, audience.Other:
			le.PutUint32(at[8:], put(r.value.Text))
			le.PutUint32(at[12:], uint32(len(r.value.Text)))
		}
	}
	b = append(b, text...)
	base := h.call("reserve", uint64(len(b)))
	if !h.module.Memory().Write(uint32(base), b) {
		h.tb.Fatal("the frame lies outside of memory")
	}
}

// forget clears the attributes of a user, as a host must before it writes another one.
func (h *host) forget(project uint64, attributes []record) {
	addresses := h.result(h.call("table", project))
	table := binary.LittleEndian.Uint32([]byte(addresses))
	for _, r := range attributes {
		if r.slot >= 0 {
			h.module.Memory().WriteByte(table+uint32(r.slot)*40, 0)
		}
	}
}

// answer reads one of the integers that decide left of a flag.
func (h *host) answer(project uint64, place uint32) int32 {
	addresses := h.result(h.call("table", project))
	n, _ := h.module.Memory().ReadUint32Le(binary.LittleEndian.Uint32([]byte(addresses)[8:]) + 4*place)
	return int32(n)
}

// result reads the bytes of an answer that is a length.
func (h *host) result(length int32) string {
	h.tb.Helper()
	if length < 0 {
		h.tb.Fatalf("answer %d is no length", length)
	}
	base := uint32(h.call("reserve", 0))
	at, _ := h.module.Memory().ReadUint32Le(base)
	bytes, ok := h.module.Memory().Read(at, uint32(length))
	if !ok {
		h.tb.Fatal("the result lies outside of memory")
	}
	return string(bytes)
}

// open returns a project's handle, or the reason why there is none.
func (h *host) open(datafile string) (handle uint64, reason string) {
	h.tb.Helper()
	h.write(datafile)
	answer := h.call("open")
	if answer < 0 {
		return 0, h.result(-2 - answer)
	}
	return uint64(answer), ""
}
