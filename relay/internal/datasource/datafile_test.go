package datasource

import "testing"

func TestABrotliWindowJustReachesOverTheDatafile(t *testing.T) {
	for size, want := range map[int]int{
		1: 10, 1<<10 - 16: 10, 1<<10 - 15: 11, 1 << 16: 17, 1<<22 - 16: 22, 1<<22 - 15: 22, MaxBytes: 22,
	} {
		if got := windowBits(size); got != want {
			t.Errorf("of %d bytes it is 2^%d, want 2^%d", size, got, want)
		}
	}
}
