package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"runtime"
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
	var got struct {
		batchSummary
		Response []operationAnswer
	}
	if err := json.Unmarshal(answered.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if first, last := got.Response[0], got.Response[operations-1]; first.Status != http.StatusOK || last.Status != http.StatusRequestEntityTooLarge || got.ErrorCount != 2 {
		t.Errorf("the first is %d, the last %d, %d errors", first.Status, last.Status, got.ErrorCount)
	}
}

func TestABatchDoesNotGatherItsAnswers(t *testing.T) {
	answered := httptest.NewRecorder()
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/second" && !strings.Contains(answered.Body.String(), `"the first"`) {
			t.Errorf("before the second operation is run there is %q", answered.Body)
		}
		_, _ = w.Write([]byte(`"the first"`))
	})
	body := `{"operations":[{"url":"/first"},{"url":"/second"}]}`
	new(Server).batch(api).ServeHTTP(answered, httptest.NewRequest(http.MethodPost, "/v1/batch", strings.NewReader(body)))
	if !json.Valid(answered.Body.Bytes()) {
		t.Errorf("the answer is %q", answered.Body)
	}
}

func TestABatchOfTooManyOperationsTakesLittleMemory(t *testing.T) {
	body := `{"operations":[` + strings.TrimSuffix(strings.Repeat("{},", 300_000), ",") + `]}`
	request := httptest.NewRequest(http.MethodPost, "/v1/batch", strings.NewReader(body))
	answered := httptest.NewRecorder()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	new(Server).batch(http.NotFoundHandler()).ServeHTTP(answered, request)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; answered.Code != http.StatusUnprocessableEntity || took > 16<<20 {
		t.Errorf("it is answered %d, after %d MB", answered.Code, took>>20)
	}
}
