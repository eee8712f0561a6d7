using FsCheck;
using FsCheck.Fluent;

namespace Sparkish.Tests.Rdd;

public sealed class TextFileInputTests
{
    [FsCheck.NUnit.Property]
    public Property The_splits_of_a_file_are_consecutive_and_cover_it()
    {
        return Prop.ForAll(Gen.Choose(0, 10_000).ToArbitrary(), Gen.Choose(1, 3_000).ToArbitrary(), (length, splitBytes) =>
        {
            var cuts = TextFileInput.Cut("f", length, splitBytes).ToArray();
            var starts = cuts.Select(cut => cut.Start);
            var ends = cuts.Select(cut => cut.End);
            return length == 0 ? cuts.Length == 0 : starts.SequenceEqual(ends.SkipLast(1).Prepend(0)) && cuts[^1].End == length;
        });
    }

    [Test]
    public void A_small_rest_is_read_with_the_split_before_it()
    {
        Assert.That(TextFileInput.Cut("f", 210, 100), Is.EqualTo(new[] { ("f", 0L, 100L), ("f", 100L, 210L) }));
    }

    [Test]
    public void A_directory_is_its_files_without_hidden_ones_in_the_order_of_names()
    {
        using var directory = new TemporaryDirectory();
        foreach (var name in new[] { "b.txt", "a.txt", "_SUCCESS", ".crc" }) directory.Write(name, "line\n");

        var splits = TextFileInput.Split(directory.Path, 1).Cast<FileSplit>();

        Assert.That(splits.Select(split => Path.GetFileName(split.Path)), Is.EqualTo(new[] { "a.txt", "b.txt" }));
    }

    [TestCase("*.txt", new[] { "a.txt", "b.txt" })]
    [TestCase("b.*", new[] { "b.csv", "b.txt" })]
    [TestCase("a.txt,b.csv", new[] { "a.txt", "b.csv" })]
    public void Globs_and_lists_name_several_files(string pattern, string[] expected)
    {
        using var directory = new TemporaryDirectory();
        foreach (var name in new[] { "b.txt", "a.txt", "b.csv" }) directory.Write(name, "line\n");
        var path = string.Join(',', pattern.Split(',').Select(directory.File));

        var splits = TextFileInput.Split(path, 1).Cast<FileSplit>();

        Assert.That(splits.Select(split => Path.GetFileName(split.Path)).Distinct(), Is.EqualTo(expected));
    }

    [Test]
    public void A_missing_input_is_named_in_the_error()
    {
        Assert.That(() => TextFileInput.Split("/nowhere/input.txt", 2),
            Throws.TypeOf<SparkException>().With.Message.EqualTo("Input path does not exist: /nowhere/input.txt. Give a file, a directory or a glob."));
    }

    [Test]
    public void A_glob_without_matches_is_an_error()
    {
        using var directory = new TemporaryDirectory();

        Assert.That(() => TextFileInput.Split(directory.File("*.nope"), 2), Throws.TypeOf<SparkException>()
            .With.Message.StartsWith("Input pattern matches no files"));
    }
}
