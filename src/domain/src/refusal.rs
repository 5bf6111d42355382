//! What the rules can say no to.

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// A rule says no. The code is stable; the sentences for people live in the till's message catalogue.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Refusal {
            $($(#[$doc])* $name,)+
        }

        impl Refusal {
            /// Every refusal there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code, `subject.reason`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

refusals! {
    /// Two amounts of different currencies were put together.
    CurrencyMismatch = "amount.currency",
    /// An amount lies beyond what the till works with.
    AmountTooLarge = "amount.too_large",
    /// Text that is no amount.
    AmountUnreadable = "amount.unreadable",
    /// An amount must be above zero here.
    AmountNotPositive = "amount.not_positive",
    /// No VAT rate is known for this country, class and day.
    VatRateMissing = "vat.rate_missing",
    /// The law fixes this product's VAT whether it is served or taken away.
    VatLocked = "vat.locked",
    /// No product has this SKU.
    SkuUnknown = "product.unknown_sku",
    /// No product has this barcode.
    GtinUnknown = "product.unknown_gtin",
    /// A barcode with the wrong length or check digit.
    GtinUnreadable = "product.unreadable_gtin",
    /// The product is sold by the labels of a scale, not by hand.
    LabelOnly = "product.label_only",
    /// The product has no price on this day.
    PriceMissing = "product.no_price",
    /// The product's price is in another currency than the sale.
    PriceCurrency = "product.price_currency",
    /// The product is sold out.
    SoldOut = "product.sold_out",
    /// A quantity must be 1 to the limit of a line.
    QuantityInvalid = "line.quantity",
    /// There is no such line.
    LineUnknown = "line.unknown",
    /// The line hangs on another one and cannot be voided alone.
    LineLinked = "line.linked",
    /// The sale has as many lines as one may have.
    SaleTooLong = "sale.too_long",
    /// A sale without lines cannot be paid.
    SaleEmpty = "sale.empty",
    /// No sale is open.
    SaleNotOpen = "sale.not_open",
    /// A sale is open and must be paid, parked or abandoned first.
    SaleOpen = "sale.open",
    /// A tender was given already; void it or finish paying.
    SalePartlyPaid = "sale.partly_paid",
    /// There is no such parked sale.
    ParkedUnknown = "sale.parked_unknown",
    /// As many sales are parked as may be.
    ParkedTooMany = "sale.parked_too_many",
    /// Only cash may exceed what is to pay.
    TenderExceedsDue = "tender.exceeds_due",
    /// A card payment is under way or its outcome is unknown.
    CardPending = "card.pending",
    /// The card terminal declined.
    CardDeclined = "card.declined",
    /// The card terminal's answer is not known yet.
    CardUnknown = "card.unknown",
    /// No card payment is under way.
    CardNotPending = "card.not_pending",
    /// The card terminal is not there.
    CardTerminalAway = "card.terminal_away",
    /// The control unit has not answered for the last receipt.
    ControlPending = "control.pending",
    /// No receipt waits for the control unit.
    ControlNotPending = "control.not_pending",
    /// The control unit was not heard since the till was started.
    ControlUnheard = "control.unheard",
    /// The receipt has more VAT rates than a control unit knows.
    ControlRates = "control.rates",
    /// No control unit would take the date and time that the clock shows.
    ControlClock = "control.clock",
    /// A card has paid, so the receipt cannot be given up.
    ControlCardPaid = "control.card_paid",
    /// No receipt has this number in this log.
    ReceiptUnknown = "receipt.unknown",
    /// The code of a receipt that cannot be read.
    ReceiptCodeUnreadable = "receipt.code_unreadable",
    /// The code of a receipt whose signature does not hold, or that says what the journal does not.
    ReceiptForged = "receipt.forged",
    /// The code of a receipt of another till or another log.
    ReceiptOfOtherLog = "receipt.other_log",
    /// Something was scanned while the screen was busy with something else.
    ScanNotNow = "scan.not_now",
    /// One copy was printed already, and the law allows one.
    CopyAlreadyPrinted = "receipt.copied",
    /// This document cannot be refunded or voided.
    ReceiptNotRefundable = "refund.not_refundable",
    /// More would go back than was sold.
    RefundExceedsSold = "refund.exceeds_sold",
    /// A void reverses a sale of the same shift; later it is a refund.
    VoidOutsideShift = "void.other_shift",
    /// Nobody is signed in.
    NotSignedIn = "crew.not_signed_in",
    /// Somebody is signed in already.
    AlreadySignedIn = "crew.signed_in",
    /// No crew member has this number.
    CrewUnknown = "crew.unknown",
    /// The PIN is wrong.
    PinWrong = "crew.pin_wrong",
    /// After wrong PINs the crew member must wait.
    PinDelayed = "crew.pin_delayed",
    /// The crew member's role may not do this.
    RoleForbids = "crew.role",
    /// No shift is open.
    ShiftNotOpen = "shift.not_open",
    /// A shift is open already.
    ShiftOpen = "shift.open",
    /// The shift belongs to another crew member.
    ShiftOfOther = "shift.other_crew",
    /// More cash would leave the drawer than is in it.
    DrawerShort = "shift.drawer_short",
    /// No trip has been started.
    TripNotStarted = "trip.not_started",
    /// A trip is running already.
    TripRunning = "trip.running",
    /// The timetable has no such train on that day.
    TripUnknown = "trip.unknown",
    /// Training mode must be left or entered between sales and outside a shift's closing.
    TrainingBusy = "training.busy",
    /// This cannot be done in training mode.
    TrainingForbids = "training.forbids",
    /// Text that is no command, or a command with the wrong words.
    CommandUnreadable = "command.unreadable",
    /// A day or time that cannot be read.
    TimeUnreadable = "command.time_unreadable",
    /// No device has this name, or it has no such fault.
    DeviceUnknown = "device.unknown",
    /// There is no such print job that waits for an answer.
    JobUnknown = "print.unknown_job",
    /// A note or coin that the currency does not have.
    DenominationUnknown = "cash.denomination",
    /// The notes and coins counted do not add up to the sum given.
    CountUnequal = "cash.count_unequal",
    /// The sale was paid with several cards, and each would have to get its own part back.
    RefundSeveralCards = "refund.several_cards",
}
