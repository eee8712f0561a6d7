using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sparkish.Input;

namespace Sparkish.Tests.Input;

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
        var texts = Gen.Elements("a", "bc", "\uFEFF", "\n", "\r", "\r\n", "ö").ListOf().Select(parts => string.Concat(parts));
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

    [Test]
    public void A_range_within_a_long_line_is_skipped_without_memory_for_it()
    {
        var file = new PatternStream(300L << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();

        using var reader = LineReader.OpenSplit(file, 32L << 20, 64L << 20);
        var line = reader.ReadLine();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(line, Is.Null);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2L << 20));
            Assert.That(file.Position, Is.LessThan(65L << 20), "the rest of the line belongs to the range in which it starts");
        }
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

    /// <summary>A line of a given length, made as it is read.</summary>
    private sealed class PatternStream(long length) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - Position);
            buffer.AsSpan(offset, read).Fill((byte)'x');
            Position += read;
            return read;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
