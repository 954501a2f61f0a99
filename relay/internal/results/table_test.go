package results

import "testing"

func TestATableKeepsItsRowsInOrderOverManyPages(t *testing.T) {
	const rows = 2*pageRows + 3
	var all table[int]
	for i := range rows {
		if all.len() != i {
			t.Fatalf("%d rows, want %d", all.len(), i)
		}
		if at := all.add(10 * i); int(at) != i {
			t.Fatalf("row %d is added at %d", i, at)
		}
	}
	next := uint32(0)
	for i, row := range all.all() {
		if i != next || *row != 10*int(i) || row != all.at(i) {
			t.Fatalf("row %d is %d, after row %d", i, *row, next)
		}
		next++
	}
	if next != rows {
		t.Errorf("all are %d, want %d", next, rows)
	}
}
