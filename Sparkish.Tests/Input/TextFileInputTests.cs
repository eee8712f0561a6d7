using FsCheck;
using FsCheck.Fluent;
using Sparkish.Input;

namespace Sparkish.Tests.Input;

public sealed class TextFileInputTests
{
    [FsCheck.NUnit.Property]
    public Property The_splits_of_a_file_are_consecutive_and_cover_it()
    {
        return Prop.ForAll(Gen.Choose(0, 10_000).ToArbitrary(), Gen.Choose(1, 3_000).ToArbitrary(), (length, splitBytes) =>
        {
            var cuts = TextFileInput.Cut(length, splitBytes).ToArray();
            var starts = cuts.Select(cut => cut.Start);
            var ends = cuts.Select(cut => cut.End);
            return length == 0 ? cuts.Length == 0 : starts.SequenceEqual(ends.SkipLast(1).Prepend(0)) && cuts[^1].End == length;
        });
    }

    [Test]
    public void A_small_rest_is_read_with_the_split_before_it()
    {
        Assert.That(TextFileInput.Cut(210, 100), Is.EqualTo(new[] { (0L, 100L), (100L, 210L) }));
    }

    [Test]
    public void A_directory_is_its_files_without_hidden_ones_in_the_order_of_names()
    {
        using var directory = new TemporaryDirectory();
        foreach (var name in new[] { "b.txt", "a.txt", "_SUCCESS", ".crc" }) directory.Write(name, "line\n");

        var splits = Split(directory.Path);

        Assert.That(splits.Select(split => Path.GetFileName(split.File.Path)), Is.EqualTo(new[] { "a.txt", "b.txt" }));
    }

    [TestCase("*.txt", new[] { "a.txt", "b.txt" })]
    [TestCase("b.*", new[] { "b.csv", "b.txt" })]
    [TestCase("a.txt,b.csv", new[] { "a.txt", "b.csv" })]
    public void Globs_and_lists_name_several_files(string pattern, string[] expected)
    {
        using var directory = new TemporaryDirectory();
        foreach (var name in new[] { "b.txt", "a.txt", "b.csv" }) directory.Write(name, "line\n");
        var path = string.Join(',', pattern.Split(',').Select(directory.File));

        var splits = Split(path);

        Assert.That(splits.Select(split => Path.GetFileName(split.File.Path)).Distinct(), Is.EqualTo(expected));
    }

    [Test]
    public void A_missing_input_is_named_in_the_error()
    {
        Assert.That(() => Split("/nowhere/input.txt"),
            Throws.TypeOf<SparkException>().With.Message.EqualTo("Input path does not exist: /nowhere/input.txt. Give a file, a directory or a glob."));
    }

    [Test]
    public void A_glob_without_matches_is_an_error()
    {
        using var directory = new TemporaryDirectory();

        Assert.That(() => Split(directory.File("*.nope")), Throws.TypeOf<SparkException>()
            .With.Message.StartsWith("Input pattern matches no files"));
    }

    [Test]
    public void An_invalid_path_is_refused_when_the_RDD_is_made()
    {
        using var sc = LocalContext.Start();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => sc.TextFile("hdfs://namenode/input"), Throws.TypeOf<SparkException>().With.Message.Contains("hdfs"));
            Assert.That(() => sc.TextFile("logs/[a"), Throws.TypeOf<SparkException>().With.Message.Contains("logs/[a").Or.Message.Contains("[a"));
            Assert.That(() => sc.TextFile("a.txt,,b.txt"), Throws.TypeOf<SparkException>().With.Message.Contains("a.txt,,b.txt"));
        }
    }

    [TestCase("one\ntwo\n", Description = "longer")]
    [TestCase("o", Description = "shorter")]
    [TestCase("two\n", Description = "of the same length")]
    public void A_file_that_changed_since_it_was_listed_is_refused_by_name(string later)
    {
        using var directory = new TemporaryDirectory();
        using var sc = LocalContext.Start();
        var path = directory.Write("a.txt", "one\n");
        File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var lines = sc.TextFile(path);
        Assert.That(lines.Count(), Is.EqualTo(1));

        directory.Write("a.txt", later);

        Assert.That(() => lines.Count(), Throws.TypeOf<SparkException>().With.Message.Contains($"Input file {path} changed"));
    }

    [Test]
    public void A_file_that_vanished_since_it_was_listed_is_refused_by_name()
    {
        using var directory = new TemporaryDirectory();
        using var sc = LocalContext.Start();
        var path = directory.Write("a.txt", "one\n");
        var lines = sc.TextFile(path);
        Assert.That(lines.Count(), Is.EqualTo(1));

        File.Delete(path);

        Assert.That(() => lines.Count(), Throws.TypeOf<SparkException>().With.Message.Contains($"Input file {path} is not on"));
    }

    [Test]
    public void Output_goes_where_a_file_URL_says()
    {
        using var directory = new TemporaryDirectory();
        using var sc = LocalContext.Start();

        sc.Parallelize(new[] { "one" }, 1).SaveAsTextFile($"file://{directory.File("out")}");

        Assert.That(File.ReadAllText(directory.File("out/part-00000")), Is.EqualTo("one\n"));
        Assert.That(() => sc.Parallelize(new[] { "one" }, 1).SaveAsTextFile("hdfs://namenode/out"),
            Throws.TypeOf<SparkException>().With.Message.Contains("no file system for the scheme 'hdfs'"));
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(8200)]
    [TestCase(16_384)]
    [TestCase(65_536)]
    public void Every_way_to_cut_off_a_gzip_file_is_an_error(int seed)
    {
        var random = new Random(seed);
        var lines = new byte[200_000];
        random.NextBytes(lines);
        var whole = new MemoryStream();
        foreach (var part in new[] { lines[..seed], lines })
        {
            using var gzip = new System.IO.Compression.GZipStream(whole, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true);
            gzip.Write(part);
        }

        var bytes = whole.ToArray();
        var first = Enumerable.Range(0, 40).Select(_ => random.Next(1, bytes.Length));

        Assert.That(Decompressed(bytes), Is.EqualTo(lines[..seed].Concat(lines)));
        using (Assert.EnterMultipleScope())
        {
            foreach (var length in first.Concat(Enumerable.Range(1, 20).Select(less => bytes.Length - less)))
                Assert.That(() => Decompressed(bytes[..length]), Throws.InstanceOf<SystemException>(), $"{length} of {bytes.Length} bytes");
        }
    }

    private static byte[] Decompressed(byte[] bytes)
    {
        var to = new MemoryStream();
        using var members = new GzipMembers(new MemoryStream(bytes));
        members.CopyTo(to);
        return to.ToArray();
    }

    private static IEnumerable<FileSplit> Split(string path) => TextFileInput.Split(InputPaths.Parse(path), 1, TimeProvider.System).Cast<FileSplit>();
}
