package delta_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"

	"sortition/wasm/engine/delta"
)

func TestADeltaBeginsWithTheXXHash64(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for size := range 200 {
		text := randomBytes(random, size)
		if got, want := binary.LittleEndian.Uint64(delta.Make(nil, text)), xxhash.Sum64(text); got != want {
			t.Fatalf("of %d bytes: %x, want %x", size, got, want)
		}
	}
}

func randomBytes(random *rand.Rand, size int) []byte {
	text := make([]byte, size)
	for i := range text {
		text[i] = byte(random.Uint32())
	}
	return text
}

// mustApply makes a delta, applies it, and returns it.
func mustApply(tb testing.TB, old, text []byte) []byte {
	tb.Helper()
	d := delta.Make(old, text)
	if got, ok := delta.Apply(string(old), string(d)); !ok || !bytes.Equal(got, text) {
		tb.Fatalf("of %.80q and %.80q: %.80q makes %.80q, %v", old, text, d, got, ok)
	}
	return d
}

// datafile is a datafile of some 200 KB with traffic splits to change, like those Optimizely makes: minified JSON that repeats
// itself but for ids.
func datafile(revision int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `{"version":"4","revision":"%d","experiments":[`, revision)
	random := rand.New(rand.NewPCG(3, 4))
	for n := range 600 {
		id := random.Uint32()
		fmt.Fprintf(&b, `{"id":"%d","key":"exp_%d","status":"Running","layerId":"%d","audienceIds":["%d"],"forcedVariations":{},`+
			`"variations":[{"id":"%[1]d1","key":"on","variables":[]},{"id":"%[1]d2","key":"off","variables":[]}],`+
			`"trafficAllocation":[{"entityId":"%[1]d1","endOfRange":5000},{"entityId":"%[1]d2","endOfRange":10000}]},`, id, n, id+1, id+2)
	}
	return []byte(b.String() + `]}`)
}

func TestADeltaIsAsSmallAsTheChange(t *testing.T) {
	old := datafile(1)
	replace := func(from, to string, times int) []byte {
		return bytes.Replace(old, []byte(from), []byte(to), times)
	}
	moved := bytes.Clone(old[:len(old)/3])
	moved = append(append(moved, old[2*len(old)/3:]...), old[len(old)/3:2*len(old)/3]...)
	tests := []struct {
		name string
		text []byte
		most int
	}{
		{"nothing changed", old, 16},
		{"a revision", datafile(2), 24},
		{"a longer revision", datafile(10), 24},
		{"a traffic split and the revision", bytes.Replace(datafile(2), []byte("5000"), []byte("2500"), 1), 40},
		{"a status of another length", replace(`"Running"`, `"Not started"`, 1), 40},
		{"every split of the file", replace("5000}", "4000}", -1), 600 * 16},
		{"an experiment taken out", append(bytes.Clone(old[:1000]), old[1400:]...), 24},
		{"a third moved to the end", moved, 64},
		{"all of it twice", append(bytes.Clone(old), old...), 32},
	}
	if len(old) < 200_000 {
		t.Fatalf("the datafile has %d bytes only", len(old))
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if d := mustApply(t, old, test.text); len(d) > test.most {
				t.Errorf("the delta has %d bytes, at most %d were expected", len(d), test.most)
			}
			mustApply(t, test.text, old)
		})
	}
}

// Whatever two texts are, Apply(old, Make(old, text)) is text.
func TestApplyUndoesMake(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		old := randomBytes(random, random.IntN(2000))
		for i := range old {
			old[i] %= byte(1 + random.IntN(4)) // few letters, so that much is alike
		}
		mustApply(t, old, edit(random, old))
	}
}

// edit makes a text of pieces of another, in any order, and of new bytes.
func edit(random *rand.Rand, old []byte) (text []byte) {
	for range random.IntN(8) {
		if random.IntN(3) == 0 {
			text = append(text, randomBytes(random, random.IntN(100))...)
			continue
		}
		from := random.IntN(len(old) + 1)
		text = append(text, old[from:from+random.IntN(len(old)-from+1)]...)
	}
	return text
}

func TestNothingAlikeCostsLittleMore(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	text := randomBytes(random, 100_000)
	if d := mustApply(t, randomBytes(random, 100_000), text); len(d) > len(text)+12 {
		t.Errorf("%d bytes for %d", len(d), len(text))
	}
}

func TestApplyRefuses(t *testing.T) {
	const old = "0123456789"
	number := func(n int) string {
		var b []byte
		for ; n >= 0x80; n >>= 7 {
			b = append(b, byte(n)|0x80)
		}
		return string(append(b, byte(n)))
	}
	copyOf := func(size int) string { return number(size<<1|1) + number(0) }
	again := func(size int) string { return number(size<<1|1) + number(size<<1-1) } // what was copied last
	hash := string(delta.Make(nil, nil)[:8])
	tests := []struct{ name, delta string }{
		{"nothing at all", ""},
		{"half a hash", hash[:4]},
		{"an insertion that is cut short", hash + number(4<<1) + "abc"},
		{"half a number", hash + "\x80"},
		{"a number without an end", hash + strings.Repeat("\xff", 100)},
		{"a copy without a distance", hash + number(4<<1|1)},
		{"half a distance", hash + number(4<<1|1) + "\x80"},
		{"a copy beyond the end", hash + copyOf(11)},
		{"a copy from behind the end", hash + number(1<<1|1) + number(10<<1)},
		{"a copy from before the start", hash + number(1<<1|1) + number(1)},
		{"a text of another hash", hash + copyOf(10)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, ok := delta.Apply(old, test.delta); ok {
				t.Fatalf("got %q", got)
			}
		})
	}
	t.Run("a small delta that would make more than 32 MB", func(t *testing.T) {
		const step = 1 << 20
		large := strings.Repeat("x", step)
		if got, ok := delta.Apply(large, hash+copyOf(step)+strings.Repeat(again(step), 1000)); ok || len(got) > delta.MaxBytes {
			t.Fatalf("got %d bytes", len(got))
		}
	})
	t.Run("another old text than the delta was made for", func(t *testing.T) {
		old, text := datafile(1), datafile(2)
		d := delta.Make(old, text)
		old[500] ^= 1
		if _, ok := delta.Apply(string(old), string(d)); ok {
			t.Fatal("accepted")
		}
	})
}

// Apply must take anything, and what it accepts bears the hash it was told.
func FuzzApply(f *testing.F) {
	old := datafile(1)[:4000]
	f.Add(old, delta.Make(old, datafile(2)[:4000]))
	f.Add([]byte("0123456789"), []byte("hash....\x15\x00\x06abc"))
	f.Fuzz(func(t *testing.T, old, d []byte) {
		got, ok := delta.Apply(string(old), string(d))
		if len(got) > delta.MaxBytes || ok && binary.LittleEndian.Uint64(d) != xxhash.Sum64(got) {
			t.Fatalf("%.80q and %.80q: %d bytes, %v", old, d, len(got), ok)
		}
	})
}

func FuzzMake(f *testing.F) {
	f.Add(datafile(1)[:2000], datafile(2)[:2000])
	f.Add([]byte("abcdabcdabcdabcdabcd"), []byte("abcdabcdabcdabcd"))
	f.Fuzz(func(t *testing.T, old, text []byte) { mustApply(t, old, text) })
}

func BenchmarkMake(b *testing.B) {
	old, text := datafile(1), bytes.Replace(datafile(2), []byte("5000"), []byte("2500"), 1)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		delta.Make(old, text)
	}
}

func BenchmarkApply(b *testing.B) {
	old, text := datafile(1), bytes.Replace(datafile(2), []byte("5000"), []byte("2500"), 1)
	d := string(delta.Make(old, text))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, ok := delta.Apply(string(old), d); !ok {
			b.Fatal("refused")
		}
	}
}
