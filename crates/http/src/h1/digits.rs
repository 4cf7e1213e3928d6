//! Numbers written into an output buffer without a formatter.

use bytes::BytesMut;

/// Appends `number` in decimal.
pub(super) fn put_decimal(output: &mut BytesMut, mut number: u64) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = DIGITS[(number % 10) as usize];
        number /= 10;
        if number == 0 {
            break;
        }
    }
    output.extend_from_slice(&digits[at..]);
}

/// Appends `number` in hexadecimal, as a chunk size is written.
pub(super) fn put_hex(output: &mut BytesMut, mut number: u64) {
    let mut digits = [b'0'; 16];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = DIGITS[(number & 0xf) as usize];
        number >>= 4;
        if number == 0 {
            break;
        }
    }
    output.extend_from_slice(&digits[at..]);
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_formatter_writes_them() {
        for number in [0, 1, 9, 10, 15, 16, 255, 4096, 1_234_567_890, u64::MAX] {
            let mut output = BytesMut::new();
            put_decimal(&mut output, number);
            assert_eq!(output, number.to_string().as_bytes());
            output.clear();
            put_hex(&mut output, number);
            assert_eq!(output, format!("{number:x}").as_bytes());
        }
    }
}
