package results

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The rows of a tally are most of a snapshot, and little of it changes between two. So each of
// their pages is kept under a key of its own, and a snapshot writes those that are not what they were.

// layout is how a row is written: as so many bytes, little-endian.
type layout[T any] struct {
	table  string
	size   int
	append func(dst []byte, row *T) []byte
	read   func(src []byte) T
}

var (
	visitorRows = layout[visitor]{"visitors", 16,
		func(dst []byte, v *visitor) []byte {
			dst = binary.LittleEndian.AppendUint64(dst, v.Hash)
			dst = binary.LittleEndian.AppendUint32(dst, v.Exposure)
			return binary.LittleEndian.AppendUint32(dst, v.Conversion)
		},
		func(src []byte) visitor {
			return visitor{
				Hash:       binary.LittleEndian.Uint64(src),
				Exposure:   binary.LittleEndian.Uint32(src[8:]),
				Conversion: binary.LittleEndian.Uint32(src[12:]),
			}
		}}
	exposureRows = layout[exposure]{"exposures", 23,
		func(dst []byte, e *exposure) []byte {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(e.At)) //nolint:gosec // its bits
			dst = binary.LittleEndian.AppendUint32(dst, e.Next)
			dst = binary.LittleEndian.AppendUint32(dst, e.Visitor)
			dst = binary.LittleEndian.AppendUint16(dst, e.Experiment)
			dst = binary.LittleEndian.AppendUint16(dst, e.Variation)
			dst = binary.LittleEndian.AppendUint16(dst, e.Revision)
			return append(dst, bit(e.Crossed, crossedBit)|bit(e.Forced, forcedBit))
		},
		func(src []byte) exposure {
			return exposure{
				At:         int64(binary.LittleEndian.Uint64(src)), //nolint:gosec // its bits
				Next:       binary.LittleEndian.Uint32(src[8:]),
				Visitor:    binary.LittleEndian.Uint32(src[12:]),
				Experiment: binary.LittleEndian.Uint16(src[16:]),
				Variation:  binary.LittleEndian.Uint16(src[18:]),
				Revision:   binary.LittleEndian.Uint16(src[20:]),
				Crossed:    src[22]&crossedBit != 0,
				Forced:     src[22]&forcedBit != 0,
			}
		}}
	conversionRows = layout[conversion]{"conversions", 48,
		func(dst []byte, n *conversion) []byte {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(n.At)) //nolint:gosec // its bits
			dst = binary.LittleEndian.AppendUint64(dst, n.UUID)
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(n.Revenue))
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(n.Value))
			dst = binary.LittleEndian.AppendUint32(dst, n.Next)
			dst = binary.LittleEndian.AppendUint32(dst, n.Event)
			dst = binary.LittleEndian.AppendUint32(dst, n.Count)
			return binary.LittleEndian.AppendUint32(dst, n.Own)
		},
		func(src []byte) conversion {
			return conversion{
				At:      int64(binary.LittleEndian.Uint64(src)), //nolint:gosec // its bits
				UUID:    binary.LittleEndian.Uint64(src[8:]),
				Revenue: math.Float64frombits(binary.LittleEndian.Uint64(src[16:])),
				Value:   math.Float64frombits(binary.LittleEndian.Uint64(src[24:])),
				Next:    binary.LittleEndian.Uint32(src[32:]),
				Event:   binary.LittleEndian.Uint32(src[36:]),
				Count:   binary.LittleEndian.Uint32(src[40:]),
				Own:     binary.LittleEndian.Uint32(src[44:]),
			}
		}}
)

const crossedBit, forcedBit = 1, 2

func bit(set bool, which byte) byte {
	if set {
		return which
	}
	return 0
}

// pages calls each with every page of a project's rows and its key. The page is good until each returns.
func (l *layout[T]) pages(sdkKey string, rows *table[T], each func(key string, page []byte)) {
	var text []byte
	for i, page := range rows.pages {
		text = text[:0]
		for at := range page {
			text = l.append(text, &page[at])
		}
		each(l.key(sdkKey, i), text)
	}
}

// restore reads so many rows of a project back from its pages, by key; false when they are not there.
func (l *layout[T]) restore(sdkKey string, count int, pages map[string][]byte) (rows table[T], ok bool) {
	for rows.len() < count {
		page := pages[l.key(sdkKey, len(rows.pages))]
		if len(page) != l.size*min(pageRows, count-rows.len()) {
			return rows, false
		}
		for ; len(page) > 0; page = page[l.size:] {
			rows.add(l.read(page))
		}
	}
	return rows, true
}

func (l *layout[T]) key(sdkKey string, page int) string {
	return fmt.Sprintf("%s%s/%s/%08d", rowsPrefix, sdkKey, l.table, page)
}
