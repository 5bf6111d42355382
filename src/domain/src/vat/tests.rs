use super::*;

#[test]
fn three_lines_at_six_per_cent_owe_the_vat_of_their_sum() {
    let rate = VatRate::from_basis_points(600);
    assert_eq!(vat_of_lines(&[2990, 2990, 2990], rate), [170, 169, 169]);
}
