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
