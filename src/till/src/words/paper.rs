//! The words of paper: a missing one does not compile.

use super::Language;

/// The words of receipts and reports. They use only letters of code page 858.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Number of the receipt.
    pub receipt_no: &'static str,
    /// Number of a return receipt.
    pub return_receipt_no: &'static str,
    /// Register designation.
    pub register: &'static str,
    /// Manufacturing number of the control unit.
    pub control_unit: &'static str,
    /// Code of the control unit.
    pub control_code: &'static str,
    /// The control unit's code of a copy.
    pub control_code_of_copy: &'static str,
    /// Organisation number.
    pub org_no: &'static str,
    /// Address of the sale.
    pub address: &'static str,
    /// Date and time.
    pub date_time: &'static str,
    /// Who sold.
    pub crew_member: &'static str,
    /// The train.
    pub train: &'static str,
    /// A line of goods.
    pub goods: &'static str,
    /// A line of services.
    pub service: &'static str,
    /// How many.
    pub quantity: &'static str,
    /// An amount of money.
    pub amount: &'static str,
    /// Total of the sale.
    pub total: &'static str,
    /// What is to pay.
    pub to_pay: &'static str,
    /// What goes back to the customer.
    pub to_return: &'static str,
    /// VAT.
    pub vat: &'static str,
    /// VAT rate.
    pub vat_rate: &'static str,
    /// Amount without VAT.
    pub net: &'static str,
    /// Amount with VAT.
    pub gross: &'static str,
    /// VAT within the total.
    pub of_which_vat: &'static str,
    /// Paid in cash.
    pub cash: &'static str,
    /// Paid by card.
    pub card: &'static str,
    /// Money back.
    pub change: &'static str,
    /// Cash rounding.
    pub rounding: &'static str,
    /// Deposit on a package.
    pub deposit: &'static str,
    /// Deposit paid back.
    pub deposit_return: &'static str,
    /// Handed over at a table.
    pub served: &'static str,
    /// Taken away.
    pub take_away: &'static str,
    /// Discount.
    pub discount: &'static str,
    /// The receipt that a copy repeats.
    pub copy_of: &'static str,
    /// The receipt that a refund goes back to.
    pub refund_of: &'static str,
    /// The receipt that a void reverses.
    pub void_of: &'static str,
    /// Marks a receipt printed anew after a failure.
    pub printed_again: &'static str,
    /// Heading of a page that only tests the printer.
    pub test_print: &'static str,
    /// Marks a sale whose clock is not trusted.
    pub time_not_proven: &'static str,
    /// Short hash of the journal's head.
    pub journal_hash: &'static str,
    /// Caption of the QR code.
    pub signed_receipt: &'static str,
    /// When a report was made.
    pub made_at: &'static str,
    /// Running number of a Z report.
    pub z_no: &'static str,
    /// Manufacturing number of the register.
    pub maker_no: &'static str,
    /// Model designation.
    pub model: &'static str,
    /// Program.
    pub program: &'static str,
    /// Program version.
    pub version: &'static str,
    /// Total sales of the period.
    pub sales_total: &'static str,
    /// Total sales by main group.
    pub sales_by_group: &'static str,
    /// Sales by means of payment.
    pub sales_by_tender: &'static str,
    /// VAT by rate.
    pub vat_by_rate: &'static str,
    /// Opening float.
    pub opening_float: &'static str,
    /// Changes of the float.
    pub float_changes: &'static str,
    /// Number of goods sold.
    pub goods_sold: &'static str,
    /// Number of services sold.
    pub services_sold: &'static str,
    /// Number of receipts.
    pub receipts: &'static str,
    /// Number of drawer openings.
    pub drawer_openings: &'static str,
    /// Receipt copies.
    pub copies: &'static str,
    /// Training registrations.
    pub training: &'static str,
    /// Pro forma receipts.
    pub pro_forma: &'static str,
    /// Returns.
    pub returns: &'static str,
    /// Discounts.
    pub discounts: &'static str,
    /// Other registrations that reduced sales.
    pub other_reductions: &'static str,
    /// Unfinished sales.
    pub unfinished_sales: &'static str,
    /// Grand total of sales.
    pub grand_total_sales: &'static str,
    /// Grand total of returns.
    pub grand_total_returns: &'static str,
    /// Grand total net.
    pub grand_total_net: &'static str,
    /// Voided receipts.
    pub voids: &'static str,
    /// Voided lines.
    pub voided_lines: &'static str,
    /// Price look-ups.
    pub price_look_ups: &'static str,
    /// Other corrections.
    pub other_corrections: &'static str,
    /// Receipt numbers that the control unit may hold and no receipt bears.
    pub burned_numbers: &'static str,
    /// Delivery receipts.
    pub delivery_receipts: &'static str,
    /// Tips.
    pub tips: &'static str,
    /// An empty list.
    pub none: &'static str,
    /// The shift.
    pub shift: &'static str,
    /// Cash paid in.
    pub paid_in: &'static str,
    /// Cash paid out.
    pub paid_out: &'static str,
    /// Cash taken to the safe.
    pub cash_drop: &'static str,
    /// Cash there should be.
    pub expected_cash: &'static str,
    /// Cash there is.
    pub counted_cash: &'static str,
    /// Counted less expected.
    pub variance: &'static str,
    /// Drawer openings without a sale.
    pub no_sales: &'static str,
    /// Sales that stand parked.
    pub parked_sales: &'static str,
    /// How many sales.
    pub sales_count: &'static str,
}

/// The words of `language`.
#[must_use]
pub const fn paper(language: Language) -> &'static Paper {
    match language {
        Language::Sv => &SV,
        Language::En => &EN,
    }
}

/// Words that the law of the register's country fixes, whatever the language of the crew.
///
/// Source for Sweden: SKVFS 2014:9, 5:5 and 7:1 to 7:3. For Norway: Skatteetaten's questions and answers on cash registers; heading and marks stand
/// at twice the size of amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regime {
    /// Heading of a sale.
    pub receipt: &'static str,
    /// Heading of a refund.
    pub return_receipt: &'static str,
    /// Heading of a receipt sent electronically.
    pub electronic_receipt: &'static str,
    /// Mark of a copy.
    pub mark_copy: &'static str,
    /// Mark of training.
    pub mark_training: &'static str,
    /// Mark of a pro forma receipt.
    pub mark_pro_forma: &'static str,
    /// Heading of a reading.
    pub x_report: &'static str,
    /// Heading of a closing.
    pub z_report: &'static str,
    /// What follows the organisation number of a company registered for VAT.
    pub org_no_suffix: &'static str,
}

impl Regime {
    /// Sweden.
    pub const SWEDEN: Self = Self {
        receipt: "Kvitto",
        return_receipt: "Returkvitto",
        electronic_receipt: "Elektroniskt kassakvitto",
        mark_copy: "KOPIA",
        mark_training: "ÖVNING",
        mark_pro_forma: "EJ KVITTO",
        x_report: "X-dagrapport",
        z_report: "Z-dagrapport",
        org_no_suffix: "",
    };

    /// Norway.
    pub const NORWAY: Self = Self {
        receipt: "Salgskvittering",
        return_receipt: "Returkvittering",
        electronic_receipt: "Elektronisk salgskvittering",
        mark_copy: "KOPI - IKKE KVITTERING FOR KJØP",
        mark_training: "TRENING - IKKE KVITTERING FOR KJØP",
        mark_pro_forma: "IKKE KVITTERING FOR KJØP",
        x_report: "X-rapport",
        z_report: "Z-rapport",
        org_no_suffix: " MVA",
    };
}

const SV: Paper = Paper {
    receipt_no: "Kvitto nr",
    return_receipt_no: "Returkvitto nr",
    register: "Kassabeteckning",
    control_unit: "Kontrollenhet",
    control_code: "Kontrollkod",
    control_code_of_copy: "Kontrollkod, kopia",
    org_no: "Org.nr",
    address: "Adress",
    date_time: "Datum, tid",
    crew_member: "Kassör",
    train: "Tåg",
    goods: "Vara",
    service: "Tjänst",
    quantity: "Antal",
    amount: "Belopp",
    total: "Totalt",
    to_pay: "Att betala",
    to_return: "Att återfå",
    vat: "Moms",
    vat_rate: "Momssats",
    net: "Netto",
    gross: "Brutto",
    of_which_vat: "Varav moms",
    cash: "Kontant",
    card: "Kort",
    change: "Växel",
    rounding: "Öresavrundning",
    deposit: "Pant",
    deposit_return: "Pantretur",
    served: "Serveras",
    take_away: "Ta med",
    discount: "Rabatt",
    copy_of: "Kopia av kvitto",
    refund_of: "Retur av kvitto",
    void_of: "Makulering av kvitto",
    printed_again: "Utskrivet på nytt",
    test_print: "Provutskrift",
    time_not_proven: "Tiden är inte säkerställd",
    journal_hash: "Journal",
    signed_receipt: "Signerat kvitto",
    made_at: "Rapport skapad",
    z_no: "Löpnummer",
    maker_no: "Tillverkningsnr",
    model: "Modellbeteckning",
    program: "Program",
    version: "Version",
    sales_total: "Total försäljning",
    sales_by_group: "Försäljning per huvudgrupp",
    sales_by_tender: "Försäljning per betalsätt",
    vat_by_rate: "Moms per skattesats",
    opening_float: "Växelkassa",
    float_changes: "Ändring av växelkassa",
    goods_sold: "Antal sålda varor",
    services_sold: "Antal sålda tjänster",
    receipts: "Antal kvitton",
    drawer_openings: "Antal lådöppningar",
    copies: "Kvittokopior",
    training: "Övningskvitton",
    pro_forma: "Ej kvitto",
    returns: "Returer",
    discounts: "Rabatter",
    other_reductions: "Övriga minskningar",
    unfinished_sales: "Oavslutade förs.",
    grand_total_sales: "Grand total försäljning",
    grand_total_returns: "Grand total retur",
    grand_total_net: "Grand total netto",
    voids: "varav makulerade",
    voided_lines: "Borttagna rader",
    price_look_ups: "Prisfrågor",
    other_corrections: "Övriga rättelser",
    burned_numbers: "Kvittonummer utan kvitto",
    delivery_receipts: "Utlämningskvitton",
    tips: "Dricks",
    none: "Inga",
    shift: "Skift",
    paid_in: "Insättning",
    paid_out: "Uttag",
    cash_drop: "Tömning",
    expected_cash: "Kontanter enligt kassan",
    counted_cash: "Räknade kontanter",
    variance: "Differens",
    no_sales: "utan försäljning",
    parked_sales: "varav parkerade",
    sales_count: "Antal försäljningar",
};

const EN: Paper = Paper {
    receipt_no: "Receipt no",
    return_receipt_no: "Return receipt no",
    register: "Register",
    control_unit: "Control unit",
    control_code: "Control code",
    control_code_of_copy: "Control code, copy",
    org_no: "Org. no",
    address: "Address",
    date_time: "Date, time",
    crew_member: "Served by",
    train: "Train",
    goods: "Goods",
    service: "Service",
    quantity: "Qty",
    amount: "Amount",
    total: "Total",
    to_pay: "To pay",
    to_return: "To return",
    vat: "VAT",
    vat_rate: "VAT rate",
    net: "Net",
    gross: "Gross",
    of_which_vat: "Of which VAT",
    cash: "Cash",
    card: "Card",
    change: "Change",
    rounding: "Cash rounding",
    deposit: "Deposit",
    deposit_return: "Deposit return",
    served: "Served",
    take_away: "Take away",
    discount: "Discount",
    copy_of: "Copy of receipt",
    refund_of: "Refund of receipt",
    void_of: "Void of receipt",
    printed_again: "Printed again",
    test_print: "Test print",
    time_not_proven: "Time not proven",
    journal_hash: "Journal",
    signed_receipt: "Signed receipt",
    made_at: "Report made",
    z_no: "Serial no",
    maker_no: "Manufacturing no",
    model: "Model",
    program: "Program",
    version: "Version",
    sales_total: "Total sales",
    sales_by_group: "Sales by main group",
    sales_by_tender: "Sales by payment",
    vat_by_rate: "VAT by rate",
    opening_float: "Opening float",
    float_changes: "Float changes",
    goods_sold: "Goods sold",
    services_sold: "Services sold",
    receipts: "Receipts",
    drawer_openings: "Drawer openings",
    copies: "Receipt copies",
    training: "Training receipts",
    pro_forma: "Pro forma receipts",
    returns: "Returns",
    discounts: "Discounts",
    other_reductions: "Other reductions",
    unfinished_sales: "Unfinished sales",
    grand_total_sales: "Grand total sales",
    grand_total_returns: "Grand total returns",
    grand_total_net: "Grand total net",
    voids: "of which voided",
    voided_lines: "Voided lines",
    price_look_ups: "Price look-ups",
    other_corrections: "Other corrections",
    burned_numbers: "Numbers without receipt",
    delivery_receipts: "Delivery receipts",
    tips: "Tips",
    none: "None",
    shift: "Shift",
    paid_in: "Paid in",
    paid_out: "Paid out",
    cash_drop: "Cash drop",
    expected_cash: "Expected cash",
    counted_cash: "Counted cash",
    variance: "Variance",
    no_sales: "without a sale",
    parked_sales: "of which parked",
    sales_count: "Sales",
};

impl Paper {
    /// Every word, for tests of the alphabet and the width of paper.
    #[cfg(test)]
    pub(super) fn all(&self) -> [&'static str; 84] {
        [
            self.receipt_no,
            self.return_receipt_no,
            self.register,
            self.control_unit,
            self.control_code,
            self.control_code_of_copy,
            self.org_no,
            self.address,
            self.date_time,
            self.crew_member,
            self.train,
            self.goods,
            self.service,
            self.quantity,
            self.amount,
            self.total,
            self.to_pay,
            self.to_return,
            self.vat,
            self.vat_rate,
            self.net,
            self.gross,
            self.of_which_vat,
            self.cash,
            self.card,
            self.change,
            self.rounding,
            self.deposit,
            self.deposit_return,
            self.served,
            self.take_away,
            self.discount,
            self.copy_of,
            self.refund_of,
            self.void_of,
            self.printed_again,
            self.test_print,
            self.time_not_proven,
            self.journal_hash,
            self.signed_receipt,
            self.made_at,
            self.z_no,
            self.maker_no,
            self.model,
            self.program,
            self.version,
            self.sales_total,
            self.sales_by_group,
            self.sales_by_tender,
            self.vat_by_rate,
            self.opening_float,
            self.float_changes,
            self.goods_sold,
            self.services_sold,
            self.receipts,
            self.drawer_openings,
            self.copies,
            self.training,
            self.pro_forma,
            self.returns,
            self.discounts,
            self.other_reductions,
            self.unfinished_sales,
            self.grand_total_sales,
            self.grand_total_returns,
            self.grand_total_net,
            self.voids,
            self.voided_lines,
            self.price_look_ups,
            self.other_corrections,
            self.burned_numbers,
            self.delivery_receipts,
            self.tips,
            self.none,
            self.shift,
            self.paid_in,
            self.paid_out,
            self.cash_drop,
            self.expected_cash,
            self.counted_cash,
            self.variance,
            self.no_sales,
            self.parked_sales,
            self.sales_count,
        ]
    }
}
