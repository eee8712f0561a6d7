using System.Threading.Channels;
using Sparkish.Benchmarks.Rpc.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>One producer tells one endpoint of the same process, and, as the baseline, one reader of a channel.</summary>
internal static class TellLoad
{
    /// <summary>Messages a second.</summary>
    public static async Task<double[]> MeasureAsync(RpcEnv env, TimeSpan duration)
    {
        var handled = new HandledCount();
        var receiver = env.SetupEndpoint(BenchNode.NextName("tell"), new CountingEndpoint(handled));
        var rate = await CreditedProducer.RunAsync(new EndpointSink(receiver), handled, duration);
        env.Stop(receiver);
        return [rate];
    }

    /// <summary>Messages a second through an unbounded channel with one reader.</summary>
    public static async Task<double[]> MeasureChannelAsync(TimeSpan duration)
    {
        var (handled, channel) = (new HandledCount(), Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true }));
        var reading = Task.Run(() => ReadAsync(channel.Reader, handled));
        var rate = await CreditedProducer.RunAsync(new ChannelSink(channel.Writer), handled, duration);
        channel.Writer.Complete();
        await reading;
        return [rate];
    }

    private static async Task ReadAsync(ChannelReader<object> reader, HandledCount handled)
    {
        while (await reader.WaitToReadAsync())
        {
            while (reader.TryRead(out var message))
            {
                if (message is Tick) handled.Handled();
            }
        }
    }

    private readonly struct EndpointSink(RpcEndpointRef receiver) : IMessageSink
    {
        public void Put(object message) => receiver.Send(message);
    }

    private readonly struct ChannelSink(ChannelWriter<object> writer) : IMessageSink
    {
        public void Put(object message) => writer.TryWrite(message);
    }
}
