package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"sortition/relay/internal/site"
)

// exportCommand writes the site for a static host.
type exportCommand struct {
	Dir      string   `arg:"" help:"Where the site goes: a folder that is new, empty, or of an earlier export, which is replaced."`
	RelayURL relayURL `name:"relay-url" required:"" env:"-" placeholder:"URL" help:"Where the pages will find the relay, such as https://relay.example."`

	Project []project `placeholder:"SDKKEY=SOURCE" help:"The relay's projects; only their keys matter here. Default: demo= and sandbox=."`

	pageSettings `embed:""`
}

// Help implements kong.HelpProvider.
func (exportCommand) Help() string {
	return `The folder is ready for any web server, in the root of a host or below it. Beside each file lie its encoded forms, .br and .gz, ` +
		`for servers that look for them; what is under assets- may be kept for ever. Settings for the page are the relay's own, and end up in ` +
		`config.json, which may be edited afterwards. The relay must be started with --allow-origin for the origin of the host.`
}

// Run writes the site and tells what is left to do.
func (c *exportCommand) Run(e environment) error {
	if c.Dir == "" {
		return errors.New("export DIR: it is empty; it wants the folder where the site goes")
	}
	config, err := c.config(e.from)
	if err != nil {
		return err
	}
	count, err := site.Export(site.Embedded(), c.Dir, site.ExportOptions{Config: config, Connect: c.RelayURL.sources()})
	if err != nil {
		return fmt.Errorf("export the site: %w", err)
	}
	fmt.Fprintf(e.stdout, "%d files are in %s. Put them on your host, and start the relay of %s with --allow-origin for the host's origin.\n",
		count, c.Dir, c.RelayURL)
	return nil
}

// config is config.json, laid out to be edited. It holds nothing that the relay would refuse.
func (c *exportCommand) config(from sources) ([]byte, error) {
	s := &settings{Project: c.Project, pageSettings: c.pageSettings}
	s.fillIn()
	if err := from.check(s.checkProjects, s.checkPage); err != nil {
		return nil, err
	}
	text, _ := s.pageConfig(site.Embedded())
	config := map[string]any{}
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, err
	}
	config["relayUrl"] = c.RelayURL
	var laidOut bytes.Buffer
	encoder := json.NewEncoder(&laidOut)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(config)
	return laidOut.Bytes(), err
}

// relayURL is where pages find a relay.
type relayURL string

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *relayURL) UnmarshalText(text []byte) error {
	address, err := pagesURL(string(text), "https://relay.example; the websocket's address is made of it")
	*r = relayURL(address)
	return err
}

// sources are what a page's policy must allow to reach the relay. The policy allows https, and http on the same machine, to
// every relay, so that config.json may be edited; it cannot name an IPv6 address.
func (r relayURL) sources() []string {
	u, err := url.Parse(string(r))
	switch {
	case err != nil || u.Scheme != "http" || u.Hostname() == "localhost":
		return nil
	case strings.Contains(u.Hostname(), ":"):
		return []string{"http:", "ws:"}
	}
	return []string{"http://" + u.Host, "ws://" + u.Host}
}
