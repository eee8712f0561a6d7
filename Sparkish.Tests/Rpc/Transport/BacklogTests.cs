using Sparkish.Rpc.Transport;
using Sparkish.Rpc.Transport.Frames;

namespace Sparkish.Tests.Rpc.Transport;

internal sealed class BacklogTests
{
    private const int Max = 100_000;
    private const int Message = 1000;

    [Test]
    public void Reading_goes_on_up_to_the_bound_and_pauses_above_until_half_of_it_is_done()
    {
        var backlog = new Backlog(Max);
        for (var i = 0; i < 100; i++) backlog.Add(Message);
        var atBound = backlog.WhenRoomAsync().AsTask().IsCompleted;

        backlog.Add(Message);
        var room = backlog.WhenRoomAsync().AsTask();
        for (var i = 0; i < 50; i++) backlog.Handled(Message);
        var above = room.IsCompleted;
        backlog.Handled(Message);

        Assert.That((atBound, above), Is.EqualTo((true, false)));
        Assert.That(() => room.WaitAsync(Envs.Patience), Throws.Nothing);
    }

    [Test]
    public void Tiny_messages_count_with_what_they_take_in_memory()
    {
        var backlog = new Backlog(Max);

        for (var i = 0; i <= Max / 128; i++) backlog.Add(ReceiveWindow.CostOf(1));

        Assert.That(backlog.WhenRoomAsync().AsTask().IsCompleted, Is.False);
    }

    [Test]
    public void The_end_of_the_connection_ends_the_pause()
    {
        var backlog = new Backlog(Max);
        backlog.Add(2 * Max);
        var before = backlog.WhenRoomAsync().AsTask();

        backlog.Close();

        Assert.That(() => before.WaitAsync(Envs.Patience), Throws.Nothing);
        Assert.That(() => backlog.WhenRoomAsync().AsTask().WaitAsync(Envs.Patience), Throws.Nothing);
    }

    [Test]
    public async Task No_pause_outlasts_the_last_message_whoever_is_first()
    {
        for (var round = 0; round < 2000; round++)
        {
            var backlog = new Backlog(Max);
            backlog.Add(2 * Max);
            var handling = Task.Run(() => backlog.Handled(2 * Max));
            await backlog.WhenRoomAsync().AsTask().WaitAsync(Envs.Patience);
            await handling;
        }
    }
}
