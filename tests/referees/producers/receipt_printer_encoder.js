// Writes the sample receipt as `@point-of-sale/receipt-printer-encoder` encodes it: receipt_printer_encoder.js <raster|column>
const ReceiptPrinterEncoder = require('@point-of-sale/receipt-printer-encoder');
const sample = require('./sample.json');

const { width, height } = sample.picture;
const picture = { width, height, data: new Uint8ClampedArray(width * height * 4) };
for (let y = 0; y < height; y++) {
  for (let x = 0; x < width; x++) {
    // A triangle: black below the falling diagonal.
    const shade = x * height < y * width ? 0 : 255;
    picture.data.set([shade, shade, shade, 255], 4 * (y * width + x));
  }
}

const encoder = new ReceiptPrinterEncoder({ language: 'esc-pos', columns: 42, codepageMapping: 'epson', imageMode: process.argv[2] });
encoder.initialize().codepage('auto');
encoder.align('center').size(2, 2).line(sample.title).size(1, 1);
encoder.image(picture, width, height, 'threshold', 128).align('left');
sample.texts.forEach((text) => encoder.line(text));
const columns = [
  { width: 30, align: 'left' },
  { width: 12, align: 'right' },
];
encoder.table(columns, sample.rows);
encoder.align('center');
encoder.qrcode(sample.qr, { model: 2, size: 6, errorlevel: 'm' });
encoder.barcode(sample.ean, 'ean13', { height: 72, width: 3, text: true });
encoder.align('left').pulse().cut('partial');
process.stdout.write(Buffer.from(encoder.encode()));
