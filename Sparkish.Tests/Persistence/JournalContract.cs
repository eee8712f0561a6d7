using System.Text;
using Sparkish.Persistence;

namespace Sparkish.Tests.Persistence;

/// <summary>
/// What every journal keeps to, whatever it is kept in. A fixture for a store derives from it and says how the store is made (in a place of the test's own,
/// removed in <see cref="CleanUpAsync"/>), how a new process would open the same place, and how somebody else does meanwhile.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract partial class JournalContract
{
    private readonly List<IJournalStore> _stores = [];

    /// <summary>How long something may take that does not depend on time.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The store of the process that the test begins with.</summary>
    protected IJournalStore Store { get; private set; } = null!;

    /// <summary>Makes the empty place; called once in each test. <c>Assert.Ignore</c> where there is no server.</summary>
    protected abstract Task PrepareAsync();

    /// <summary>Makes a store on the place as a new process would; the stores before were disposed.</summary>
    protected abstract IJournalStore NewStore(AppendLimits limits);

    /// <summary>
    /// The store by which somebody else opens journals of the same place while this store is open; it may be this one where a second process is locked out.
    /// </summary>
    protected abstract Task<IJournalStore> OtherAsync(IJournalStore store);

    /// <summary>Removes the place.</summary>
    protected virtual Task CleanUpAsync() => Task.CompletedTask;

    [SetUp]
    public async Task OpenStoreAsync()
    {
        await PrepareAsync();
        Store = Own(NewStore(AppendLimits.Default));
    }

    [TearDown]
    public async Task CloseStoresAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        await CleanUpAsync();
    }

    /// <summary>Closes all stores and opens one as a new process would.</summary>
    protected async Task<IJournalStore> ReopenAsync(AppendLimits? limits = null)
    {
        foreach (var store in _stores) await store.DisposeAsync();
        _stores.Clear();
        return Store = Own(NewStore(limits ?? AppendLimits.Default));
    }

    protected async Task<IJournalStore> SomebodyElseAsync() => Own(await OtherAsync(Store));

    protected static byte[] Event(int number, int length = 0) => Encoding.UTF8.GetBytes($"event {number}".PadRight(length, '.'));

    protected static ReadOnlyMemory<byte>[] Events(int first, int count, int length = 0) =>
        [.. Enumerable.Range(first, count).Select(i => new ReadOnlyMemory<byte>(Event(i, length)))];

    protected static async Task<List<JournalEntry>> ReadAsync(IJournalReader journal, long after = 0)
    {
        var entries = new List<JournalEntry>();
        await foreach (var entry in journal.ReadAsync(after)) entries.Add(entry);
        return entries;
    }

    protected static string[] Texts(IEnumerable<JournalEntry> entries) => [.. entries.Select(entry => Encoding.UTF8.GetString(entry.Payload.Span))];

    private static string[] Names(int first, int count) => [.. Enumerable.Range(first, count).Select(i => $"event {i}")];

    private IJournalStore Own(IJournalStore store)
    {
        if (!_stores.Contains(store)) _stores.Add(store);
        return store;
    }
}
