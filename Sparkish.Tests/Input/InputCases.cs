using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using ICSharpCode.SharpZipLib.BZip2;
using K4os.Compression.LZ4.Streams;
using ZstdSharp;

namespace Sparkish.Tests.Input;

/// <summary>The inputs of the table in docs/input.md.</summary>
internal static class InputCases
{
    private static readonly string[] One = ["one"];

    private static readonly byte[] Many = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i} {i * 7919L % 1_000_003}\n")));

    public static IReadOnlyList<InputCase> All { get; } =
        [.. Links(), .. Gzip(), .. OtherCompression(), .. Directories(), .. Patterns(), .. Names(), .. Contents(), .. Special()];

    private static IEnumerable<InputCase> Links() =>
    [
        new("a link to a file", "@/link.txt", d => Link(d, "link.txt", Text(d, "target.txt", "one\ntwo\nthree\n"))),
        new("a directory with a link to a file", "@/links", d => Link(d, "links/link.txt", Text(d, "target.txt", "one\ntwo\nthree\n"))),
        new("a pattern that matches a link", "@/l*.txt", d => Link(d, "link.txt", Text(d, "target.txt", "one\ntwo\nthree\n"))),
        new("a link to a link", "@/second.txt", d => Link(d, "second.txt", Link(d, "first.txt", Text(d, "target.txt", "one\ntwo\n")))),
        new("a link to a directory", "@/link", d => Link(d, "link", Path.GetDirectoryName(Text(d, "there/a.txt", "one\n"))!)),
        new("a pattern below a link to a directory", "@/*/a.txt", d => Link(d, "link", Path.GetDirectoryName(Text(d, "there/a.txt", "one\n"))!)),
        new("a directory with a link to a directory", "@/links", d => Link(d, "links/link", Path.GetDirectoryName(Text(d, "there/a.txt", "one\n"))!)),
        new("a link that leads nowhere", "@/link.txt", d => Link(d, "link.txt", d.File("gone.txt"))),
        new("a directory with a link that leads nowhere", "@/links", d => { Text(d, "links/a.txt", "one\n"); Link(d, "links/b.txt", d.File("gone.txt")); }),
        new("a link to itself", "@/link.txt", d => Link(d, "link.txt", d.File("link.txt"))),
    ];

    private static IEnumerable<InputCase> Gzip() =>
    [
        new("gzip", "@/a.gz", d => Bytes(d, "a.gz", Gz(Many))),
        new("gzip that breaks off", "@/a.gz", d => Bytes(d, "a.gz", Gz(Many)[..^20_000])),
        new("gzip without its trailer", "@/a.gz", d => Bytes(d, "a.gz", Gz(Many)[..^8])),
        new("gzip with half of its trailer", "@/a.gz", d => Bytes(d, "a.gz", Gz(Many)[..^3])),
        new("gzip with text behind it", "@/a.gz", d => Bytes(d, "a.gz", [.. Gz(Many), .. "GARBAGE"u8])),
        new("gzip with zeros behind it", "@/a.gz", d => Bytes(d, "a.gz", [.. Gz("one\n"u8), .. new byte[512]])),
        new("gzip of two members", "@/a.gz", d => Bytes(d, "a.gz", [.. Gz("one\n"u8), .. Gz("two\n"u8)])),
        new("gzip of which the second member breaks off", "@/a.gz", d => Bytes(d, "a.gz", [.. Gz("one\n"u8), .. Gz(Many)[..5000]])),
        new("gzip with a damaged byte", "@/a.gz", d => Bytes(d, "a.gz", Changed(Gz(Many), 30_000))),
        new("gzip with a damaged checksum", "@/a.gz", d => Bytes(d, "a.gz", Changed(Gz("one\n"u8), -8))),
        new("gzip with a damaged length", "@/a.gz", d => Bytes(d, "a.gz", Changed(Gz("one\n"u8), -4))),
        new("gzip with name, comment and extra fields", "@/a.gz", d => Bytes(d, "a.gz", GzWithFields("one\n"u8))),
        new("gzip of nothing", "@/a.gz", d => Bytes(d, "a.gz", Gz([]))),
        new("an empty file named .gz", "@/a.gz", d => Bytes(d, "a.gz", [])),
        new("plain text named .gz", "@/a.gz", d => Text(d, "a.gz", "not compressed\n")),
        new("gzip named .GZ", "@/a.GZ", d => Bytes(d, "a.GZ", Gz("one\n"u8))),
        new("gzip not named so", "@/a.txt", d => Bytes(d, "a.txt", Gz("one\n"u8))),
    ];

    private static IEnumerable<InputCase> OtherCompression() =>
    [
        new("bzip2", "@/a.bz2", d => Bytes(d, "a.bz2", Bz2(Many))),
        new("bzip2 of two streams", "@/a.bz2", d => Bytes(d, "a.bz2", [.. Bz2("one\n"u8), .. Bz2("two\n"u8)])),
        new("bzip2 that breaks off", "@/a.bz2", d => Bytes(d, "a.bz2", Bz2(Many)[..^20])),
        new("bzip2 with text behind it", "@/a.bz2", d => Bytes(d, "a.bz2", [.. Bz2("one\n"u8), .. "GARBAGE"u8])),
        new("bzip2 with a damaged byte", "@/a.bz2", d => Bytes(d, "a.bz2", Changed(Bz2(Many), 20_000))),
        new("an empty file named .bz2", "@/a.bz2", d => Bytes(d, "a.bz2", [])),
        new("Zstandard (Spark without its native library)", "@/a.zst", d => Bytes(d, "a.zst", Zst("one\n"u8)), One),
        new("Zstandard that breaks off", "@/a.zst", d => Bytes(d, "a.zst", Zst(Many)[..^20])),
        new("Zstandard of two frames", "@/a.zst", d => Bytes(d, "a.zst", [.. Zst("one\n"u8), .. Zst("two\n"u8)]), ["one", "two"]),
        new("LZ4 as its own tool writes it", "@/a.lz4", d => Bytes(d, "a.lz4", Lz4("one\n"u8)), One),
        new("LZ4 that breaks off", "@/a.lz4", d => Bytes(d, "a.lz4", Lz4(Many)[..^20])),
        new("LZ4 in Hadoop's blocks", "@/a.lz4", d => Bytes(d, "a.lz4", [0, 0, 0, 4, 0, 0, 0, 5, 0x40, .. "one\n"u8])),
        new("Snappy", "@/a.snappy", d => Bytes(d, "a.snappy", [0, 0, 0, 4, 0, 0, 0, 6, 4, 12, .. "one\n"u8])),
        new("zlib named .deflate", "@/a.deflate", d => Bytes(d, "a.deflate", Zlib("one\n"u8))),
        new("a file named .zip", "@/a.zip", d => Bytes(d, "a.zip", [.. "PK\x03\x04"u8])),
        new("a file named .xz", "@/a.xz", d => Bytes(d, "a.xz", [0xFD, .. "7zXZ"u8])),
    ];

    private static IEnumerable<InputCase> Directories() =>
    [
        new("a directory", "@", d => { Text(d, "b.txt", "two\n"); Text(d, "a.txt", "one\n"); }),
        new("a directory with a slash", "@/", d => Text(d, "a.txt", "one\n")),
        new("two slashes", "@//a.txt", d => Text(d, "a.txt", "one\n")),
        new("two dots", "@/x/../a.txt", d => Text(d, "a.txt", "one\n")),
        new("an empty directory", "@/empty", d => Directory.CreateDirectory(d.File("empty"))),
        new("a directory with hidden files", "@", d => { Text(d, "a.txt", "one\n"); Text(d, "_SUCCESS", "x\n"); Text(d, ".crc", "x\n"); }),
        new("a directory with a subdirectory", "@/logs", Logs),
        new("a directory with a hidden subdirectory", "@", d => { Text(d, "a.txt", "one\n"); Text(d, "_temporary/x", "x\n"); }),
        new("a pattern that matches files and directories", "@/logs/*", Logs),
        new("a pattern that matches directories", "@/logs/day=*", Logs),
        new("a pattern below a pattern", "@/logs/day=*/part-*", Logs),
        new("a pattern that matches a directory with subdirectories", "@/l*", Logs),
        new("two stars", "@/**", d => { Text(d, "a.txt", "one\n"); Text(d, "x/b.txt", "two\n"); }),
        new("two stars and directories below directories", "@/**", Logs),
        new("a hidden file by its name", "@/_a.txt", d => Text(d, "_a.txt", "one\n")),
        new("a pattern that matches hidden files", "@/*", d => { Text(d, "a.txt", "one\n"); Text(d, "_b.txt", "x\n"); Text(d, ".c", "x\n"); }),
        new("a file in a hidden directory", "@/_x/a.txt", d => Text(d, "_x/a.txt", "one\n")),
        new("a pattern through a hidden directory", "@/*/a.txt", d => Text(d, "_x/a.txt", "one\n")),
        new("a path below a file", "@/a.txt/b", d => Text(d, "a.txt", "one\n")),
        new("a missing file", "@/a.txt", static _ => { }),
        new("a missing directory before a pattern", "@/x/*", static _ => { }),
    ];

    private static IEnumerable<InputCase> Patterns() =>
    [
        new("a question mark", "@/a?.txt", Numbered),
        new("a set", "@/a[12].txt", Numbered),
        new("a range", "@/a[1-2].txt", Numbered),
        new("a set that is excluded with !", "@/a[!1].txt", Numbered),
        new("a set that is excluded with ^", "@/a[^1].txt", Numbered),
        new("alternatives", "@/a{1,3}.txt", Numbered),
        new("alternatives with patterns", "@/{a[12],?3}.txt", Numbered),
        new("alternatives within alternatives", "@/{a1,{a2,b}}.txt", Numbered),
        new("alternatives with slashes", "@/{a1.txt,x/c.txt}", d => { Numbered(d); Text(d, "x/c.txt", "c\n"); }),
        new("alternatives of whole paths", "{@/a1.txt,@/a2.txt}", Numbered, ["1", "2"]),
        new("an alternative that is missing", "@/{a1,zz}.txt", Numbered),
        new("an alternative with a slash that is missing", "@/{a1.txt,x/zz.txt}", Numbered),
        new("one of two alternatives twice", "@/{a1,a1}.txt", Numbered),
        new("a star that is meant", @"@/a\*.txt", d => { Numbered(d); Text(d, "a*.txt", "star\n"); }),
        new("a star in a name and in the pattern", "@/a*.txt", d => { Numbered(d); Text(d, "a*.txt", "star\n"); }),
        new("brackets in a name", "@/a[1].txt", d => Text(d, "a[1].txt", "one\n")),
        new("a question mark for a character beyond U+FFFF", "@/a?.txt", d => Text(d, "a\U0001F600.txt", "one\n")),
        new("a bracket that is not closed", "@/a[1.txt", Numbered),
        new("a brace that is not closed", "@/a{1.txt", Numbered),
        new("a range that goes backwards", "@/a[2-1].txt", Numbered),
        new("a pattern without matches", "@/*.csv", Numbered),
    ];

    private static IEnumerable<InputCase> Names() =>
    [
        new("two paths", "@/a1.txt,@/a2.txt", Numbered),
        new("a space after the comma", "@/a1.txt, @/a2.txt", Numbered),
        new("a comma at the end", "@/a1.txt,", Numbered),
        new("the same file twice", "@/a1.txt,@/a1.txt", Numbered),
        new("one of two paths is missing", "@/a1.txt,@/zz.txt", Numbered),
        new("a comma in a name", "@/a,b.txt", d => Text(d, "a,b.txt", "one\n")),
        new("a question mark for a comma in a name", "@/a?b.txt", d => Text(d, "a,b.txt", "one\n")),
        new("a space in a name", "@/a b.txt", d => Text(d, "a b.txt", "one\n")),
        new("a space at the end of a name", "@/a.txt ", d => Text(d, "a.txt ", "one\n")),
        new("a percent sign in a name", "@/a%20b.txt", d => Text(d, "a%20b.txt", "one\n")),
        new("a sharp sign in a name", "@/a#b.txt", d => Text(d, "a#b.txt", "one\n")),
        new("letters beyond ASCII in a name", "@/äß€.txt", d => Text(d, "äß€.txt", "one\n")),
        new("a colon in a name", "@/12:30.txt", d => Text(d, "12:30.txt", "one\n"), One),
        new("a directory with a colon in a name", "@", d => Text(d, "12:30.txt", "one\n"), One),
        new("file: and one slash", "file:@/a.txt", d => Text(d, "a.txt", "one\n")),
        new("file: and three slashes", "file://@/a.txt", d => Text(d, "a.txt", "one\n")),
        new("file: and a pattern", "file://@/a?.txt", Numbered),
        new("file: and a percent sign for a space", "file://@/a%20b.txt", d => Text(d, "a b.txt", "one\n")),
        new("file: and a space", "file://@/a b.txt", d => Text(d, "a b.txt", "one\n")),
        new("file: and a host", "file://localhost@/a.txt", d => Text(d, "a.txt", "one\n")),
        new("another scheme", "sftp://host@/a.txt", d => Text(d, "a.txt", "one\n")),
    ];

    private static IEnumerable<InputCase> Contents() =>
    [
        new("LF, CR and CRLF", "@/a.txt", d => Text(d, "a.txt", "one\ntwo\rthree\r\nfour")),
        new("a CR and another CR before LF", "@/a.txt", d => Text(d, "a.txt", "one\r\r\ntwo\n\r")),
        new("an empty file", "@/a.txt", d => Text(d, "a.txt", "")),
        new("one line end", "@/a.txt", d => Text(d, "a.txt", "\n")),
        new("a byte order mark", "@/a.txt", d => Bytes(d, "a.txt", [0xEF, 0xBB, 0xBF, .. "word\n"u8])),
        new("a byte order mark in gzip", "@/a.gz", d => Bytes(d, "a.gz", Gz([0xEF, 0xBB, 0xBF, .. "word\n"u8]))),
        new("two byte order marks", "@/a.txt", d => Bytes(d, "a.txt", [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF, .. "word\n"u8])),
        new("a byte order mark in the second line", "@/a.txt", d => Bytes(d, "a.txt", [.. "one\n"u8, 0xEF, 0xBB, 0xBF, .. "two\n"u8])),
        new("nothing but a byte order mark", "@/a.txt", d => Bytes(d, "a.txt", [0xEF, 0xBB, 0xBF])),
        new("a byte order mark and an empty line", "@/a.txt", d => Bytes(d, "a.txt", [0xEF, 0xBB, 0xBF, .. "\none\n"u8])),
        new("UTF-16 with its byte order mark", "@/a.txt", d => Bytes(d, "a.txt", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("one\n")])),
        new("bytes that are not UTF-8", "@/a.txt", d => Bytes(d, "a.txt", [.. "a"u8, 0xFF, .. "b"u8, 0xC3, .. "c\nd"u8, 0xE2, 0x82])),
        new("overlong forms and surrogates", "@/a.txt", d => Bytes(d, "a.txt", [0xC0, 0x80, .. "b"u8, 0xED, 0xA0, 0x80, .. "c"u8, 0xF4, 0x90, 0x80, 0x80, .. "d"u8])),
        new("half surrogates and cut-off forms", "@/a.txt",
            d => Bytes(d, "a.txt", [0xED, 0xA0, .. "b"u8, 0xED, 0xBF, 0xBF, 0xED, 0x9F, 0xBF, 0xF0, 0x9F, .. "c\n"u8, 0xF5, 0x80, .. "\n"u8, 0xED, 0xA0])),
        new("NUL and other control characters", "@/a.txt", d => Text(d, "a.txt", "a\0b\u0001\f\u0085c\u2028d\n")),
        new("a line longer than a buffer", "@/a.txt", d => Text(d, "a.txt", new string('x', 700_000) + "\ny\n")),
        new("many short lines", "@/a.txt", d => Bytes(d, "a.txt", Many)),
        new("many lines with CRLF", "@/a.txt", d => Text(d, "a.txt", Encoding.UTF8.GetString(Many).Replace("\n", "\r\n", StringComparison.Ordinal))),
    ];

    private static IEnumerable<InputCase> Special() =>
    [
        new("a device", "/dev/null", static _ => { }),
        new("a file of /proc", "/proc/version", static _ => { }),
        new("a named pipe", "@/pipe", d => Run("mkfifo", d.File("pipe"))),
        new("a directory with a named pipe", "@", d => { Text(d, "a.txt", "one\n"); Run("mkfifo", d.File("pipe")); }),
    ];

    private static void Logs(TemporaryDirectory d)
    {
        Text(d, "logs/day=01/part-0.txt", "one\n");
        Text(d, "logs/day=02/part-0.txt", "two\n");
        Text(d, "logs/loose.txt", "three\n");
    }

    private static void Numbered(TemporaryDirectory d)
    {
        foreach (var number in new[] { "1", "2", "3" }) Text(d, $"a{number}.txt", $"{number}\n");
        Text(d, "b.txt", "b\n");
    }

    private static string Text(TemporaryDirectory d, string name, string text) => Bytes(d, name, Encoding.UTF8.GetBytes(text));

    private static string Bytes(TemporaryDirectory d, string name, byte[] bytes)
    {
        var path = d.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static string Link(TemporaryDirectory d, string name, string target)
    {
        var path = d.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, target);
        return path;
    }

    private static byte[] Changed(byte[] bytes, int at)
    {
        bytes[at < 0 ? bytes.Length + at : at] ^= 0x55;
        return bytes;
    }

    private static byte[] Gz(ReadOnlySpan<byte> data) => Packed(data, static to => new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true));

    private static byte[] Zlib(ReadOnlySpan<byte> data) => Packed(data, static to => new ZLibStream(to, CompressionLevel.Optimal, leaveOpen: true));

    private static byte[] Bz2(ReadOnlySpan<byte> data) => Packed(data, static to => new BZip2OutputStream(to) { IsStreamOwner = false });

    private static byte[] Zst(ReadOnlySpan<byte> data) => Packed(data, static to => new CompressionStream(to, 3, 0, leaveOpen: true));

    private static byte[] Lz4(ReadOnlySpan<byte> data) => Packed(data, static to => LZ4Stream.Encode(to, leaveOpen: true));

    private static byte[] Packed(ReadOnlySpan<byte> data, Func<Stream, Stream> pack)
    {
        var packed = new MemoryStream();
        using (var stream = pack(packed)) stream.Write(data);
        return packed.ToArray();
    }

    private static byte[] GzWithFields(ReadOnlySpan<byte> data)
    {
        const byte extraNameAndComment = 4 | 8 | 16;
        var plain = Gz(data);
        return [.. plain.AsSpan(0, 3), extraNameAndComment, .. plain.AsSpan(4, 6), 3, 0, 1, 2, 3, .. "name\0comment\0"u8, .. plain.AsSpan(10)];
    }

    private static void Run(string command, string argument)
    {
        using var process = Process.Start(command, [argument]);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
    }
}
