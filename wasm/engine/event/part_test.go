package event

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// checkParts checks that a body is read as the batch it is decoded as, but for what is in the visitors.
func checkParts(t *testing.T, want *Batch, body string) {
	t.Helper()
	got, parts, err := DecodeParts(body)
	if err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Batch{}), cmpopts.IgnoreFields(Batch{}, "Visitors")); diff != "" || got.Visitors != nil {
		t.Errorf("%q (-decoded +in parts), %d visitors:\n%s", body, len(got.Visitors), diff)
	}
	if diff := cmp.Diff(want.Parts(), parts, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%q (-decoded +in parts):\n%s", body, diff)
	}
}

func TestPartsAreTheVisitorsThatAreDecoded(t *testing.T) {
	for _, body := range []string{twoVisitors, `{"visitors":[]}`, `{"visitors":[` + soundVisitor + `,` + soundVisitor + `]}`, mustReadFile(t, "sdk/go.json"), mustReadFile(t, "sdk/python.json")} {
		checkParts(t, mustDecode(t, body), body)
	}
}

func TestWhatIsNoBatchHasNoParts(t *testing.T) {
	for _, body := range []string{"", "[]", "{}", `{"visitors":[`, `{"visitors":[{"visitor_id":"\xff"}]}`, `{"visitors":[],"visitors":[]}`} {
		if _, parts, err := DecodeParts(body); err == nil || parts != nil {
			t.Errorf("%q: %d parts, %v", body, len(parts), err)
		}
	}
}
