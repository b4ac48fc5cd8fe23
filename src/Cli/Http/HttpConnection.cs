using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Http;

/// <summary>
/// One request and its answer. Nothing blocks; each part has an end:
/// <code>
/// reading  ── head whole, or refused ──►  writing  ── all sent ──►  leaving  ── client closed ──►  done
///    └───────── too slow, or gone: done ──────┘            (what it still sends is dropped)
/// </code>
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private enum Step
    {
        Reading,
        Writing,
        Leaving,
        Done,
    }

    private readonly OwnedFd _socket;
    private readonly Func<RequestHead, HttpAnswer> _answer;
    private readonly Action<int> _answered;
    private readonly HttpLimits _limits;
    private byte[] _head = new byte[1024];
    private int _length;
    private ReadOnlyMemory<byte> _rest;
    private Step _step = Step.Reading;

    /// <summary>Takes a connection over.</summary>
    /// <param name="socket">It, not blocking.</param>
    /// <param name="answer">Answers a good request.</param>
    /// <param name="answered">Gets the status of each answer.</param>
    /// <param name="limits">How long parts may take.</param>
    /// <param name="now">Milliseconds.</param>
    public HttpConnection(OwnedFd socket, Func<RequestHead, HttpAnswer> answer, Action<int> answered, HttpLimits limits, long now)
    {
        _socket = socket;
        _answer = answer;
        _answered = answered;
        _limits = limits;
        Deadline = now + limits.Head;
    }

    /// <summary>The socket.</summary>
    public int Fd => _socket.Value;

    /// <summary>When it must have got on, in milliseconds.</summary>
    public long Deadline { get; private set; }

    /// <summary>What to wait for, of <see cref="POLL"/>.</summary>
    public short Wants => _step == Step.Writing ? POLL.OUT : POLL.IN;

    /// <summary>Whether it can be closed.</summary>
    public bool IsDone => _step == Step.Done;

    /// <summary>Goes on as far as it can.</summary>
    /// <param name="now">Milliseconds.</param>
    public void Advance(long now)
    {
        while (_step switch
        {
            Step.Reading => Read(now),
            Step.Writing => Write(now),
            Step.Leaving => Drain(),
            _ => false,
        })
        {
        }
    }

    /// <summary>The time is up: tells a client that was too slow with its request, as far as that goes, and ends.</summary>
    public void Expire()
    {
        if (_step == Step.Reading && _length > 0)
        {
            _answered(408);
            _ = Sys.send(Fd, HttpAnswer.Plain(408, "the request took too long").ToBytes(headOnly: false).Span, MSG.NOSIGNAL | MSG.DONTWAIT); // ignored: it is cut off anyway
        }
        _step = Step.Done;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private bool Read(long now)
    {
        if (_length == _head.Length)
            Array.Resize(ref _head, Math.Min(RequestHead.MaxBytes, _head.Length * 2));
        if (!Receive(_head.AsSpan(_length), out int got))
            return false;
        _length += got;
        int status = RequestHead.Read(_head.AsSpan(0, _length), out RequestHead? head);
        if (status == 0)
            return true;
        HttpAnswer answer = head is null ? HttpAnswer.Refusal(status) : _answer(head);
        _answered(answer.Status);
        _rest = answer.ToBytes(head?.Method == "HEAD");
        _head = [];
        _step = Step.Writing;
        Deadline = now + _limits.Answer;
        return true;
    }

    private bool Write(long now)
    {
        nint put = Sys.send(Fd, _rest.Span, MSG.NOSIGNAL | MSG.DONTWAIT);
        if (Sys.Is(put, Errno.EINTR))
            return true;
        if (Sys.Is(put, Errno.EAGAIN))
            return false;
        if (put < 0)
        {
            _step = Step.Done; // the client is gone
            return false;
        }
        _rest = _rest[(int)put..];
        if (!_rest.IsEmpty)
            return true;
        // Closed with unread bytes, the connection would be reset, and the answer might be lost with it.
        _ = Sys.shutdown(Fd, SHUT.WR); // ignored: then the client is gone, which the next reading says
        _rest = default;
        _step = Step.Leaving;
        Deadline = now + _limits.Leave;
        return true;
    }

    private bool Drain()
    {
        Span<byte> dropped = stackalloc byte[4096];
        return Receive(dropped, out _);
    }

    // False: nothing more for now, or for ever.
    private bool Receive(Span<byte> room, out int got)
    {
        while (true)
        {
            nint answer = Sys.recv(Fd, room, MSG.DONTWAIT);
            if (Sys.Is(answer, Errno.EINTR))
                continue;
            got = (int)Math.Max(0, answer);
            if (answer <= 0 && !Sys.Is(answer, Errno.EAGAIN))
                _step = Step.Done;
            return answer > 0;
        }
    }
}
