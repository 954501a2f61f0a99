package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sortition/relay/internal/server"
)

// BenchmarkDecide is what a decision costs beyond the connection it came by.
func BenchmarkDecide(b *testing.B) {
	var handler http.Handler
	MustStart(b, func(o *server.Options) { handler = server.New(*o).Handler() })
	const body = `{"userId":"Matt","userAttributes":{"country":"NO","age":42,"app_version":"2.4.1","plan":"pro plan"},"decideOptions":["DISABLE_DECISION_EVENT"]}`
	b.ReportAllocs()
	for b.Loop() {
		request := httptest.NewRequest(http.MethodPost, "/v1/decide?keys=shelf", strings.NewReader(body))
		request.Header = of("demo")
		handler.ServeHTTP(httptest.NewRecorder(), request)
	}
}
