package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// configPath is the name of a configuration file: a JSON object whose members are named as the flags are, without the
// dashes before them, such as {"data-dir": "/var/lib/relay", "project": ["shop=cdn"]}.
type configPath string

// BeforeResolve is kong's hook for a flag whose value settings come from.
func (configPath) BeforeResolve(ctx *kong.Context, trace *kong.Path, from sources) error {
	path := string(ctx.FlagValue(trace.Flag).(configPath)) //nolint:errcheck // a flag's value has the flag's type

	// What was not among the arguments is the environment's.
	if name, _ := variable(trace.Flag); !slices.Contains(ctx.Path, trace) {
		from[trace.Flag.Name] = fromVariable(name)
	}
	file, err := readConfigFile(path)
	if err != nil {
		return from.blame("config", err)
	}
	file.sources = from
	ctx.AddResolver(file)
	return file.check(ctx.Model)
}

// configFile is a configuration file as a kong.Resolver.
type configFile struct {
	path    string
	members map[string]member
	sources sources
}

// member is a setting in the file.
type member struct {
	line  int
	value json.RawMessage
}

func readConfigFile(path string) (*configFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err // names the path
	}
	if bytes.IndexByte(text, 0) >= 0 { // which no text has in UTF-8, and half of one in UTF-16
		return nil, fmt.Errorf("%s is not UTF-8; it may have been saved as UTF-16", path)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some editors begin a text with a byte order mark, which is not JSON
	var object map[string]json.RawMessage
	var syntax *json.SyntaxError
	switch err := json.Unmarshal(text, &object); {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("%s, line %d: %w", path, lineAt(text, syntax.Offset), err)
	case err != nil || object == nil:
		return nil, fmt.Errorf(`%s is not a JSON object, such as {"data-dir":"/var/lib/relay"}`, path)
	}
	file := &configFile{path: path, members: make(map[string]member)}
	decoder := json.NewDecoder(bytes.NewReader(text))
	_, _ = decoder.Token() // the brace; what was read above can be read again
	for decoder.More() {
		name, _ := decoder.Token()
		m := member{line: lineAt(text, decoder.InputOffset())}
		_ = decoder.Decode(&m.value)
		if _, twice := file.members[name.(string)]; twice {
			return nil, fmt.Errorf("%s, line %d: %q is there twice", path, m.line, name)
		}
		file.members[name.(string)] = m
	}
	return file, nil
}

func lineAt(text []byte, offset int64) int { return 1 + bytes.Count(text[:offset], []byte("\n")) }

// Validate implements kong.Resolver; the file is checked before anything is read from it.
func (*configFile) Validate(*kong.Application) error { return nil }

// check finds members that are no settings, which would silently do nothing.
func (c *configFile) check(app *kong.Application) error {
	var known []string
	for _, command := range app.Children {
		if command.Name == "serve" {
			for _, flag := range command.Flags {
				known = append(known, flag.Name)
			}
		}
	}
	slices.Sort(known)
	for name, m := range c.members {
		if !slices.Contains(known, name) {
			return c.sources.blame("config", fmt.Errorf("%s, line %d: %q is no setting; allowed are %s", c.path, m.line, name, strings.Join(known, ", ")))
		}
	}
	return nil
}

// Resolve implements kong.Resolver. The environment goes before the file, which kong sees the other way round.
func (c *configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	m, ok := c.members[flag.Name]
	if _, set := variable(flag); set != "" || !ok {
		return nil, nil
	}
	source := fmt.Sprintf("%s, line %d", c.path, m.line)
	value, err := plain(m.value, flag.IsSlice())
	if err == nil && value == "" {
		err = errEmpty
	}
	if err != nil {
		return nil, &settingError{flag.Name, source, err}
	}
	return c.sources.resolve(flag, value, source)
}

// plain is a member's value as kong takes it: a text, or several if the setting is repeatable. It repeats no value, which
// may be a secret.
func plain(raw json.RawMessage, repeatable bool) (any, error) {
	if one, ok := plainText(raw); ok {
		return one, nil
	}
	if !repeatable {
		return nil, errors.New("a text or a number is allowed")
	}
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil || elements == nil {
		return nil, errors.New("a text or an array of texts is allowed")
	}
	several := []any{}
	for _, element := range elements {
		one, ok := plainText(element)
		if !ok {
			return nil, errors.New("every element of the array must be a text")
		}
		several = append(several, one)
	}
	return several, nil
}

// plainText is a text, or a number as it is written.
func plainText(raw json.RawMessage) (text string, ok bool) {
	switch raw[0] {
	case '"':
		err := json.Unmarshal(raw, &text)
		return text, err == nil
	case 'n': // null, which a json.Number would take
		return "", false
	}
	var number json.Number
	err := json.Unmarshal(raw, &number)
	return string(raw), err == nil
}
