package ecma

import (
	"math"
	"strconv"
)

// AppendNumber appends n as JSON.stringify writes it (6.1.6.1.20, 25.5.2): the shortest digits that read back as n, an
// exponent only below 1e-6 and from 1e21 on, null for NaN and the infinities, 0 for -0.
func AppendNumber(dst []byte, n float64) []byte {
	if whole := int64(n); float64(whole) == n && -1<<53 <= whole && whole <= 1<<53 {
		return strconv.AppendInt(dst, whole, 10)
	}
	size := math.Abs(n)
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return append(dst, "null"...)
	}
	if 1e-6 <= size && size < 1e21 {
		return strconv.AppendFloat(dst, n, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, n, 'e', -1, 64)
	// Go writes an exponent with two digits or more (1e-07), JavaScript with no leading zero.
	if tens := len(dst) - 2; dst[tens-1] == '-' && dst[tens] == '0' {
		dst = append(dst[:tens], dst[tens+1])
	}
	return dst
}
