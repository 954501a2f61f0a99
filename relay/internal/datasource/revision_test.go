package datasource

import "testing"

func TestRevisionsAreComparedWhereBothAreNumbers(t *testing.T) {
	for _, test := range []struct {
		have, other        string
		reaches, olderThan bool
	}{
		{"7", "7", true, false},
		{"9", "10", false, true},
		{"10", "9", true, false},
		{"18446744073709551615", "18446744073709551614", true, false},
		{"text", "text", true, false},
		{"text", "other", false, false},
		{"7", "text", false, false},
		{"text", "7", false, false},
		{"-1", "0", false, false},
	} {
		have, other := &Datafile{Revision: test.have}, &Datafile{Revision: test.other}
		if got := have.reaches(test.other); got != test.reaches {
			t.Errorf("%s reaches %s: %v", test.have, test.other, got)
		}
		if got := have.olderThan(other); got != test.olderThan {
			t.Errorf("%s is older than %s: %v", test.have, test.other, got)
		}
	}
	if (*Datafile)(nil).reaches("7") {
		t.Error("nothing reaches a revision")
	}
}

func TestARollbackHoldsBackWhatItTookBackAndStaleCopies(t *testing.T) {
	rollback := Hold{Hash: "a", Source: "b", SourceRevision: "5"}
	pin := rollback
	pin.Pinned = true
	for _, test := range []struct {
		name           string
		hold           Hold
		hash, revision string
		forwardOnly    bool
		want           bool
	}{
		{"what was rolled back", rollback, "b", "5", false, true},
		{"something newer", rollback, "c", "6", true, false},
		{"an edit of the same revision", rollback, "c", "5", true, false},
		{"an edge's stale copy", rollback, "c", "4", true, true},
		{"an older revision of a file", rollback, "c", "4", false, false},
		{"a revision that is no number", rollback, "c", "text", true, false},
		{"anything, by a pin", pin, "c", "6", true, true},
	} {
		if got := test.hold.holds(&Datafile{Hash: test.hash, Revision: test.revision}, test.forwardOnly); got != test.want {
			t.Errorf("%s is held back: %v", test.name, got)
		}
	}
}
