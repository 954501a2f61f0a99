package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTheAnswersOfABatchAreBounded(t *testing.T) {
	megabyte := []byte(`"` + strings.Repeat("x", 1<<20-2) + `"`)
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(megabyte) })
	const operations = batchAnswerBytes>>20 + 3
	body := `{"operations":[` + strings.TrimSuffix(strings.Repeat(`{"url":"/v1/datafile"},`, operations), ",") + `]}`
	answered := httptest.NewRecorder()
	new(Server).batch(api).ServeHTTP(answered, httptest.NewRequest(http.MethodPost, "/v1/batch", strings.NewReader(body)))
	var got batchAnswer
	if err := json.Unmarshal(answered.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if first, last := got.Response[0], got.Response[operations-1]; first.Status != http.StatusOK || last.Status != http.StatusRequestEntityTooLarge || got.ErrorCount != 2 {
		t.Errorf("the first is %d, the last %d, %d errors", first.Status, last.Status, got.ErrorCount)
	}
}
