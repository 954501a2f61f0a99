package evaluate_test

import (
	"bufio"
	"io"
	"testing"

	"sortition/relay/internal/evaluate"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/enginetest"
)

// BenchmarkDecide is what a decision about one flag of the medium project costs, from the request's text to the answer's.
func BenchmarkDecide(b *testing.B) {
	project, err := datafile.Parse(enginetest.NewGenerator(1).Datafile(enginetest.Medium))
	if err != nil {
		b.Fatal(err)
	}
	const visitor = `{"userId":"visitor_1","userAttributes":{"country":"NO","age":42,"app_version":"2.4.1","plan":"pro plan","session":"1"}`
	for name, body := range map[string]string{"silent": visitor + `,"decideOptions":["DISABLE_DECISION_EVENT"]}`, "telling": visitor + "}"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			keys, w := []string{enginetest.MeasuredFlag}, bufio.NewWriter(io.Discard)
			for b.Loop() {
				answer, _, err := evaluate.Decide(project, body, keys)
				if err != nil {
					b.Fatal(err)
				}
				answer.WriteJSON(w)
			}
		})
	}
}
