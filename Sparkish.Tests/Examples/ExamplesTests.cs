using System.Globalization;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Examples;

/// <summary>The examples as a user runs them: processes of their own.</summary>
internal sealed class ExamplesTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static string ShippedBook => Path.Combine(AppContext.BaseDirectory, "data", "devils-dictionary.txt");

    [TestCase("local[2]")]
    [TestCase("local-cluster[2,1,1024]")]
    public async Task The_words_of_the_shipped_book_are_counted(string master)
    {
        var lines = File.ReadAllLines(ShippedBook);
        var counts = lines.SelectMany(line => line.Split(' ')).Where(word => word.Length > 0).CountBy(word => word, StringComparer.Ordinal).ToArray();
        await using var example = Start("wordcount", "--master", master);

        var status = await example.WaitForExitAsync(Limit);

        string[] expected =
        [
            $"lines: {lines.Length}",
            .. counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(10)
                .Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Value,10}  {c.Key}")),
            $"words={counts.Sum(c => c.Value)} distinct={counts.Length}",
        ];
        Assert.That(status, Is.Zero, example.Transcript);
        Assert.That(example.Output, Is.EqualTo(expected));
    }

    [Test]
    public async Task All_counts_are_written_in_the_order_of_their_words()
    {
        using var directory = new TemporaryDirectory();
        var input = directory.Write("input.txt", "b a  c\n\na b a\n");
        var output = Path.Combine(directory.Path, "counts");
        await using var example = Start("wordcount", input, "--master", "local[2]", "--output", output, "--partitions", "3");

        var status = await example.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, example.Transcript);
        Assert.That(example.Output[^1], Is.EqualTo("words=6 distinct=3"));
        Assert.That(Directory.GetFiles(output, "part-*").Order(StringComparer.Ordinal)
            .SelectMany(File.ReadLines), Is.EqualTo(new[] { "a\t3", "b\t2", "c\t1" }));
    }

    [Test]
    public async Task An_empty_text_has_no_words()
    {
        using var directory = new TemporaryDirectory();
        await using var example = Start("wordcount", directory.Write("empty.txt", ""), "--master", "local[2]");

        var status = await example.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, example.Transcript);
        Assert.That(example.Output, Is.EqualTo(new[] { "lines: 0", "words=0 distinct=0" }));
    }

    [Test]
    public async Task A_text_that_is_not_there_is_one_clear_line()
    {
        await using var example = Start("wordcount", "/no/such/text", "--master", "local[2]");

        var status = await example.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo(1));
            Assert.That(example.Output, Is.Empty);
            Assert.That(example.Errors, Has.Count.EqualTo(1));
            Assert.That(example.Errors[0], Does.StartWith("wordcount: ").And.Contains("/no/such/text"));
        }
    }

    [Test]
    public async Task An_output_that_is_there_already_is_one_clear_line()
    {
        using var directory = new TemporaryDirectory();
        await using var example = Start("wordcount", "--master", "local[2]", "--output", directory.Path);

        var status = await example.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo(1));
            Assert.That(example.Errors, Has.Count.EqualTo(1));
            Assert.That(example.Errors[0], Does.StartWith("wordcount: ").And.Contains(directory.Path));
        }
    }

    [TestCase("local[2]")]
    [TestCase("local-cluster[2,1,1024]")]
    public async Task An_exception_in_a_lambda_is_printed_once_with_its_stack(string master)
    {
        await using var example = Start("boom", "--master", master);

        var status = await example.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo(1));
            Assert.That(example.Output, Is.Empty);
            foreach (var once in new[] { "boom: ", "System.FormatException: The input string 'eleven'", "   at Sparkish.Examples.Boom." })
                Assert.That(example.Errors.Count(line => line.StartsWith(once, StringComparison.Ordinal)), Is.EqualTo(1), example.Transcript);
        }
    }

    [Test]
    public async Task Without_an_example_the_help_is_shown_and_the_status_is_not_0()
    {
        await using var example = Start();

        var status = await example.WaitForExitAsync(Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.Not.Zero);
            Assert.That(example.Output, Has.Some.Contains("wordcount"));
        }
    }

    private static TestProcess Start(params string[] arguments) => TestProcess.StartAssembly("Sparkish.Examples.dll", arguments);
}
