package redistest

import "strings"

// Slots is the number of slots of every Redis Cluster.
const Slots = 16384

// Slot returns the slot of a key in a Redis Cluster. Of a key that contains a
// brace with something in it, {like this}, what is in the first one counts
// alone.
func Slot(key string) int {
	if _, after, ok := strings.Cut(key, "{"); ok {
		if tag, _, ok := strings.Cut(after, "}"); ok && tag != "" {
			key = tag
		}
	}
	var crc uint16 // CRC-16/XMODEM
	for i := range len(key) {
		crc ^= uint16(key[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return int(crc) % Slots
}
