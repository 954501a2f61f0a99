package main_test

import (
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

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

// write puts a frame with a text alone into memory.
func (h *host) write(text string) {
	h.tb.Helper()
	h.writeFrame([4]int{len(text)}, text)
}

// enter puts a frame with a user into memory, and their attributes into the project's table.
func (h *host) enter(project uint64, v visitor) {
	h.tb.Helper()
	header := [4]int{len(v.id), -1, 0, 0}
	texts := v.id
	if v.bucketing != nil {
		header[1] = len(*v.bucketing)
		texts += *v.bucketing
	}
	header[2] = len(v.special)
	texts += v.special
	places := map[int]int{} // in the frame, of texts that do not go into the table
	for slot, value := range v.attributes {
		if value.Kind == audience.Text && !fitsTable(value.Text) {
			header[3] = 1
			places[slot] = frameHeader + len(texts)
			texts += value.Text
		}
	}
	t := h.table(project) // whose answer takes a place in the frame
	base := h.writeFrame(header, texts)
	for slot, value := range v.attributes {
		place, isElsewhere := places[slot]
		t.write(slot, &value, base+uint32(place), isElsewhere)
	}
}

const frameHeader = 16

// writeFrame returns where the frame lies.
func (h *host) writeFrame(header [4]int, texts string) uint32 {
	h.tb.Helper()
	b := make([]byte, 0, frameHeader+len(texts))
	for _, n := range header {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	base := uint32(h.call("reserve", uint64(cap(b))))
	if !h.module.Memory().Write(base, append(b, texts...)) {
		h.tb.Fatal("the frame lies outside of memory")
	}
	return base
}

// What the table of attributes has for each slot.
const (
	valueSize = 40
	textRoom  = 32
)

// fitsTable tells whether a text goes into the room the table has for it.
func fitsTable(text string) bool {
	return len(text) <= textRoom && strings.IndexFunc(text, func(r rune) bool { return r == 0 || r > unicode.MaxASCII }) < 0
}

// table is where a project's attributes lie, and their texts.
type table struct {
	memory        api.Memory
	values, texts uint32
}

func (h *host) table(project uint64) table {
	addresses := []byte(h.result(h.call("table", project)))
	return table{h.module.Memory(), binary.LittleEndian.Uint32(addresses), binary.LittleEndian.Uint32(addresses[4:])}
}

// write writes a value; a text that lies elsewhere is already there.
func (t table) write(slot int, v *audience.Value, elsewhere uint32, isElsewhere bool) {
	key, textAt := v.Key, t.texts+uint32(slot*textRoom)
	if isElsewhere {
		key, textAt = 0, elsewhere
	} else {
		t.memory.WriteString(textAt, v.Text)
	}
	kind := uint32(v.Kind)
	if v.Bool {
		kind |= 256
	}
	at := t.values + uint32(slot*valueSize)
	t.memory.WriteUint32Le(at, kind)
	t.memory.WriteFloat64Le(at+8, v.Number)
	t.memory.WriteUint32Le(at+16, textAt)
	t.memory.WriteUint32Le(at+24, uint32(len(v.Text)))
	t.memory.WriteUint64Le(at+32, key)
}

// forget clears the attributes of a user, as a host must before it writes another one.
func (h *host) forget(project uint64, v visitor) {
	t := h.table(project)
	for slot := range v.attributes {
		t.memory.WriteByte(t.values+uint32(slot*valueSize), 0)
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
