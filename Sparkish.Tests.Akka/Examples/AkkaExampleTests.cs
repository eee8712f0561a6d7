using System.Globalization;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Akka.Examples;

/// <summary>The Akka.NET application of the examples, as a user runs it.</summary>
internal sealed class AkkaExampleTests
{
    private static string ShippedBook => Path.Combine(AppContext.BaseDirectory, "data", "devils-dictionary.txt");

    [TestCase("local[2]")]
    [TestCase("local-cluster[2,1,1024]")]
    public async Task An_actor_counts_words_and_sees_the_end_of_an_endpoint(string master)
    {
        var words = File.ReadLines(ShippedBook).SelectMany(line => line.Split(' ')).Where(word => word.Length > 0);
        var counts = words.CountBy(word => word, StringComparer.Ordinal);
        var top = counts.OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal).Take(10).Select(
            count => string.Create(CultureInfo.InvariantCulture, $"{count.Value,10}  {count.Key}"));
        await using var example = TestProcess.StartAssembly("Sparkish.Examples.Akka.dll", "--master", master);

        var status = await example.WaitForExitAsync(AkkaEnvs.Patience);

        Assert.That(status, Is.Zero, example.Transcript);
        Assert.That(example.Output, Is.EqualTo(top.Append("The ledger is closed.")), example.Transcript);
    }

    [Test]
    public async Task A_text_that_is_not_there_is_one_clear_line()
    {
        await using var example = TestProcess.StartAssembly("Sparkish.Examples.Akka.dll", "/no/such/text", "--master", "local[2]");

        var status = await example.WaitForExitAsync(AkkaEnvs.Patience);

        Assert.That((status, example.Errors.Count), Is.EqualTo((1, 1)), example.Transcript);
        Assert.That(example.Errors[0], Does.StartWith("akka: ").And.Contains("/no/such/text"));
    }
}
