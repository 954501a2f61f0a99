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
	ring   uint32 // where it is
	room   int    // in it
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
	module, err := wasmtest.MustMakeRuntime(tb, wazero.NewRuntimeConfig()).InstantiateWithConfig(ctx, wasm, wazero.NewModuleConfig())
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

// visitor is a user as the host writes them.
type visitor struct {
	id         string
	bucketing  *string                // what replaces the id in the hash
	attributes map[int]audience.Value // by slot
	special    string                 // for decision.User.ReadSpecial
}

// write puts a text into the frame.
func (h *host) write(text string) {
	h.tb.Helper()
	const header = 16
	base := uint32(h.call("reserve", uint64(header+len(text))))
	memory := h.module.Memory()
	if !memory.WriteUint32Le(base, uint32(len(text))) || !memory.WriteString(base+header, text) {
		h.tb.Fatal("the frame lies outside of memory")
	}
}

// enter writes a user to the ring and returns their place. What few users have is told the project.
func (h *host) enter(project uint64, v visitor) (place uint64) {
	h.tb.Helper()
	h.write(v.special)
	if h.call("special", project) < 0 {
		h.tb.Fatalf("the engine cannot read %q", v.special)
	}
	bucketing, texts := -1, v.id
	if v.bucketing != nil {
		bucketing = len(*v.bucketing)
		texts += *v.bucketing
	}
	b := append(int32s(len(v.id), bucketing, len(v.attributes)), texts...)
	for slot, value := range v.attributes {
		b = append(align(b), attribute(slot, value)...)
	}
	b = align(b)
	if len(b) > h.room {
		h.room = len(b)
		h.ring = uint32(h.call("users", uint64(len(b))))
	}
	if !h.module.Memory().Write(h.ring, b) {
		h.tb.Fatal("the ring lies outside of memory")
	}
	return 0
}

func attribute(slot int, v audience.Value) []byte {
	switch v.Kind {
	case audience.Text:
		return append(int32s(slot, len(v.Text)), v.Text...)
	case audience.Number:
		return binary.LittleEndian.AppendUint64(int32s(slot, -4), math.Float64bits(v.Number))
	case audience.Boolean:
		if v.Bool {
			return int32s(slot, -3)
		}
		return int32s(slot, -2)
	case audience.Null:
		return int32s(slot, -1)
	default:
		return int32s(slot, -5)
	}
}

func int32s(all ...int) (b []byte) {
	for _, n := range all {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}

// align appends up to a multiple of eight bytes.
func align(b []byte) []byte { return append(b, make([]byte, -len(b)&7)...) }

// answer reads one of the integers that decide left of a flag.
func (h *host) answer(project uint64, place uint32) int32 {
	n, _ := h.module.Memory().ReadUint32Le(uint32(h.call("answers", project)) + 4*place)
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
