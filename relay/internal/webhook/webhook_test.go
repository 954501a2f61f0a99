package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"sortition/relay/internal/webhook"
)

// sample is the body in Optimizely's documentation.
const sample = `{"timestamp":1463602412,"project_id":1234,"data":{"cdn_url":"https://cdn.optimizely.com/json/1234.json",` +
	`"origin_url":"https://optimizely.s3.amazonaws.com/json/1234.json","revision":15},"event":"project.datafile_updated"}`

func TestParse(t *testing.T) {
	tests := []struct {
		name, body string
		want       webhook.Update
	}{
		{"the documented body", sample, webhook.Update{ProjectID: "1234", Revision: "15"}},
		{"an environment", `{"project_id":1,"event":"project.datafile_updated","data":{"revision":2,"environment":"Production"}}`,
			webhook.Update{ProjectID: "1", Revision: "2"}},
		{"identifiers as text", `{"project_id":"10000","event":"project.datafile_updated","data":{"revision":"7"}}`,
			webhook.Update{ProjectID: "10000", Revision: "7"}},
		{"an identifier no float holds", `{"project_id":9223372036854775807,"event":"project.datafile_updated"}`,
			webhook.Update{ProjectID: "9223372036854775807"}},
		{"a revision of null", `{"project_id":1,"event":"project.datafile_updated","data":{"revision":null}}`, webhook.Update{ProjectID: "1"}},
		{"the longest identifiers", `{"project_id":"` + strings.Repeat("é", 32) + `","event":"project.datafile_updated","data":{"revision":` + strings.Repeat("9", 64) + `}}`,
			webhook.Update{ProjectID: strings.Repeat("é", 32), Revision: strings.Repeat("9", 64)}},
		{"an escape for each of its bytes", `{"project_id":"` + strings.Repeat(`\u0031`, 64) + `","event":"project.datafile_updated"}`,
			webhook.Update{ProjectID: strings.Repeat("1", 64)}},
		{"no data at all", `{"project_id":1,"event":"project.datafile_updated","data":null}`, webhook.Update{ProjectID: "1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := webhook.Parse([]byte(test.body))
			if err != nil || got != test.want {
				t.Fatalf("got %+v, %v", got, err)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, body, says string }{
		{"nothing", ``, "JSON"},
		{"a list", `[]`, "JSON"},
		{"two values", sample + sample, "JSON"},
		{"another event", `{"project_id":1,"event":"project.deleted"}`, "project.deleted"},
		{"no event", `{"project_id":1}`, "event"},
		{"no project", `{"event":"project.datafile_updated"}`, "project_id"},
		{"an empty project", `{"event":"project.datafile_updated","project_id":""}`, "project_id"},
		{"a fractional project", `{"event":"project.datafile_updated","project_id":1.5}`, "project_id"},
		{"a project that is a list", `{"event":"project.datafile_updated","project_id":[1]}`, "project_id"},
		{"a project of a kilobyte", `{"event":"project.datafile_updated","project_id":"` + strings.Repeat("x", 1024) + `"}`, "project_id must be a whole number or text, of at most 64 bytes"},
		{"a revision of a kilobyte", `{"event":"project.datafile_updated","project_id":1,"data":{"revision":` + strings.Repeat("9", 1024) + `}}`, "data.revision"},
		{"a project of 65 bytes", `{"event":"project.datafile_updated","project_id":"` + strings.Repeat("x", 65) + `"}`, "project_id"},
		{"a revision of 65 digits", `{"event":"project.datafile_updated","project_id":1,"data":{"revision":` + strings.Repeat("9", 65) + `}}`, "data.revision"},
		{"a negative revision", `{"event":"project.datafile_updated","project_id":1,"data":{"revision":-1}}`, "data.revision"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := webhook.Parse([]byte(test.body))
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %+v, %v; want an error that says %q", got, err, test.says)
			}
		})
	}
}

const opensslSHA1 = "9a8eed581d56d43701b037a40c236fce7d54f75d"

func TestVerify(t *testing.T) {
	body := []byte(sample)
	mac := hmac.New(sha256.New, []byte("new"))
	mac.Write(body)
	withSHA256 := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	signed := webhook.Sign("new", body)
	tests := []struct {
		name    string
		secrets []string
		header  string
		want    bool
	}{
		// The digest was computed with `openssl dgst -sha1 -hmac new`.
		{"a signature made elsewhere", []string{"new"}, "sha1=" + opensslSHA1, true},
		{"its own signature", []string{"new"}, signed, true},
		{"SHA-256", []string{"new"}, withSHA256, true},
		{"upper case digits", []string{"new"}, "sha1=" + strings.ToUpper(opensslSHA1), true},
		{"either secret of a rotation", []string{"old", "new"}, signed, true},
		{"another secret", []string{"old"}, signed, false},
		{"no secret", nil, signed, false},
		{"no header", []string{"new"}, "", false},
		{"no algorithm", []string{"new"}, strings.TrimPrefix(signed, "sha1="), false},
		{"an algorithm nobody knows", []string{"new"}, "md5=" + opensslSHA1, false},
		{"half a signature", []string{"new"}, signed[:20], false},
		{"digits that are none", []string{"new"}, "sha1=zz", false},
		{"the digest of one algorithm under another's name", []string{"new"}, "sha256=" + opensslSHA1, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := webhook.Verify(test.secrets, test.header, body); got != test.want {
				t.Fatalf("got %v", got)
			}
		})
	}
	t.Run("a body that was changed", func(t *testing.T) {
		if webhook.Verify([]string{"new"}, signed, []byte(sample+" ")) {
			t.Fatal("accepted")
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"project_id":"1","event":"project.datafile_updated","data":{"revision":"x","environment":"y"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if u, err := webhook.Parse(body); err == nil && u.ProjectID == "" {
			t.Fatal("accepted a webhook of no project")
		}
	})
}
