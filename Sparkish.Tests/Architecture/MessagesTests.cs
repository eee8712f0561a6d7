using System.Runtime.CompilerServices;
using Sparkish.Deploy;
using Sparkish.Executor;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Architecture;

/// <summary>The wire is a public contract: it changes only together with the approved listing.</summary>
internal sealed class MessagesTests
{
    [Test]
    public void Messages_on_the_wire_are_the_approved_ones()
    {
        var listing = MessageListing.Of(CoreMessages.Registry.Types.UnionBy(Registered().Types, type => type.Id).Select(type => (type.Id, type.Type)));

        var approved = Approved();
        if (Environment.GetEnvironmentVariable("SPARKISH_APPROVE") is "1") File.WriteAllText(approved, listing);
        Assert.That(Difference(File.ReadAllLines(approved), listing.TrimEnd('\n').Split('\n')), Is.Empty,
            $"The messages differ from {approved}. If that is meant, run this test once with SPARKISH_APPROVE=1 and commit the file.");
    }

    [Test]
    public void The_listing_shows_numbers_fields_and_parts()
    {
        var listing = MessageListing.Of([(7, typeof(Sample)), (2, typeof(int))]);

        Assert.That(listing, Is.EqualTo("""
            2 System.Int32
            7 Sparkish.Tests.Architecture.MessagesTests+Sample(System.String Text, System.Collections.Generic.List<Sparkish.Tests.Architecture.MessagesTests+Part> Parts)

            Parts of messages
            Sparkish.Tests.Architecture.MessagesTests+Kind { None = 0, Some = 3 }
            Sparkish.Tests.Architecture.MessagesTests+Part(System.Nullable<Sparkish.Tests.Architecture.MessagesTests+Kind> Kind)

            """));
    }

    [Test]
    public void A_difference_shows_what_went_and_what_came() =>
        Assert.That(Difference(["1 A", "2 B", "3 C"], ["1 A", "2 B(int x)", "3 C"]), Is.EqualTo(new[] { "- 2 B", "+ 2 B(int x)" }));

    private static MessageRegistry Registered() => DeployMessages.Register(SchedulerMessages.Register(new MessageRegistry()));

    private static string[] Difference(string[] approved, string[] seen) =>
        [.. approved.Except(seen, StringComparer.Ordinal)
            .Select(line => $"- {line}"), .. seen.Except(approved, StringComparer.Ordinal).Select(line => $"+ {line}")];

    private static string Approved([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Messages.approved.txt");

    private enum Kind
    {
        None = 0,
        Some = 3,
    }

    private sealed record Part(Kind? Kind);

    private sealed record Sample(string Text, List<Part> Parts);
}
