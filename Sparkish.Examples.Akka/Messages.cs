#pragma warning disable MA0048 // the messages of one conversation
namespace Sparkish.Examples.Akka;

/// <summary>Asked of the librarian: count the words of a text. Answered with the exit status, once the ledger is closed.</summary>
internal sealed record CountWords(string File, string Master);

/// <summary>Sent by a job to the librarian: the most frequent words.</summary>
internal sealed record WordsCounted(IReadOnlyList<(string Word, long Count)> Top);

/// <summary>Told by the librarian to the ledger: a line to write.</summary>
internal sealed record Entry(string Word, long Count);

/// <summary>Told by the librarian to the ledger: there are no more entries.</summary>
internal sealed record Close;
