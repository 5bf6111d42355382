use super::*;

#[test]
fn the_check_values_of_the_facts_hold() {
    assert_eq!(crc16(b"123456789"), 0x31c3);
    assert_eq!(Words::version().to_request().as_slice(), b"ver 0x5F2E\r\n");
}
