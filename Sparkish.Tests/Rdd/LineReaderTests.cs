using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Sparkish.Tests.Rdd;

public sealed class LineReaderTests
{
    [TestCase("", new string[0])]
    [TestCase("a", new[] { "a" })]
    [TestCase("a\n", new[] { "a" })]
    [TestCase("a\nb\n", new[] { "a", "b" })]
    [TestCase("a\r\nb", new[] { "a", "b" })]
    [TestCase("a\rb\r", new[] { "a", "b" })]
    [TestCase("\n\r\n\r", new[] { "", "", "" })]
    [TestCase("ä€\nß", new[] { "ä€", "ß" })]
    public void Lines_end_with_LF_CR_or_CRLF(string text, string[] expected)
    {
        Assert.That(ReadSplit(Encoding.UTF8.GetBytes(text), 0, long.MaxValue), Is.EqualTo(expected));
    }

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property The_splits_of_a_file_give_each_of_its_lines_once_and_in_order()
    {
        var texts = Gen.Elements("a", "bc", "\n", "\r", "\r\n", "ö").ListOf().Select(parts => string.Concat(parts));
        return Prop.ForAll(texts.ToArbitrary(), Gen.Choose(1, 7).ToArbitrary(), (text, splitBytes) =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var whole = ReadSplit(bytes, 0, long.MaxValue);
            var pieces = Enumerable.Range(0, (bytes.Length + splitBytes - 1) / splitBytes)
                .SelectMany(i => ReadSplit(bytes, (long)i * splitBytes, Math.Min((i + 1L) * splitBytes, bytes.Length)));
            return pieces.SequenceEqual(whole, StringComparer.Ordinal);
        });
    }

    [Test]
    public void A_line_longer_than_the_buffer_is_read_whole()
    {
        var line = new string('x', 1_000_000);

        var lines = ReadSplit(Encoding.UTF8.GetBytes($"{line}\nend"), 0, long.MaxValue);

        Assert.That(lines, Is.EqualTo(new[] { line, "end" }));
    }

    [Test]
    public void A_CRLF_that_spans_two_reads_is_one_end_of_line()
    {
        using var reader = new LineReader(new OneByteStream("a\r\nb"u8.ToArray()), 0, long.MaxValue);

        Assert.That(ReadAll(reader), Is.EqualTo(new[] { "a", "b" }));
    }

    private static List<string> ReadSplit(byte[] bytes, long start, long end)
    {
        using var reader = LineReader.OpenSplit(new MemoryStream(bytes), start, end);
        return ReadAll(reader);
    }

    private static List<string> ReadAll(LineReader reader)
    {
        var lines = new List<string>();
        while (reader.ReadLine() is { } line) lines.Add(line);
        return lines;
    }

    private sealed class OneByteStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1));
    }
}
